/** An event that waits. */
export interface Queued<E> {
  event: E;
  /** Its size as it was on the way in: an event that somebody changes meanwhile must not upset the sums. */
  bytes: number;
  /** How many events entered the queue before it. */
  position: number;
}

/** Events of one value, in the order in which they came; they leave at either end, each in constant time. */
export class Row<E> {
  #queued: Queued<E>[] = [];
  #head = 0;
  #bytes = 0;

  get length(): number {
    return this.#queued.length - this.#head;
  }
  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): Queued<E> | undefined {
    return this.#queued[this.#head];
  }

  push(queued: Queued<E>): void {
    this.#queued.push(queued);
    this.#bytes += queued.bytes;
  }

  /** Takes the oldest. */
  shift(): Queued<E> | undefined {
    const oldest = this.oldest;
    if (!oldest) return undefined;
    this.#queued[this.#head++] = undefined as unknown as Queued<E>;
    this.#bytes -= oldest.bytes;
    this.#compact();
    return oldest;
  }

  /** Takes the newest. */
  pop(): Queued<E> | undefined {
    if (this.length === 0) return undefined;
    const newest = this.#queued.pop()!;
    this.#bytes -= newest.bytes;
    this.#compact();
    return newest;
  }

  /** Gives back the space of what was taken, once it is more than half of the array. */
  #compact(): void {
    if (this.#head < this.#queued.length && !(this.#head > 1024 && this.#head * 2 > this.#queued.length))
      return;
    this.#queued = this.#queued.slice(this.#head);
    this.#head = 0;
  }
}
