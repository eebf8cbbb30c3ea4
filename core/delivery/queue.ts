/** Bytes held by all queues of a host together. */
export interface ByteBudget {
  readonly limit: number;
  used: number;
}

/** A queue bounded in items and bytes, first in first out. It holds events; it never decides which to give up. */
export class BoundedQueue<E extends object> {
  readonly #maxItems: number;
  readonly #maxBytes: number;
  readonly #budget: ByteBudget;
  #events: E[] = [];
  /** Sizes as they were on the way in: an event that somebody changes meanwhile must not upset the sums. */
  #sizes: number[] = [];
  #head = 0;
  #bytes = 0;
  /** Events that wait elsewhere and take room here, and their bytes. */
  #reserved = 0;
  #reservedBytes = 0;

  constructor(maxItems: number, maxBytes: number, budget: ByteBudget) {
    this.#maxItems = maxItems;
    this.#maxBytes = maxBytes;
    this.#budget = budget;
  }

  get length(): number {
    return this.#events.length - this.#head;
  }
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * What keeps an event of this size out: this queue, or all queues together; undefined when it fits. One event always
   * fits into an empty queue, unless other queues use the memory.
   */
  fullFor(bytes: number): 'queue_full' | 'memory_full' | undefined {
    const items = this.length + this.#reserved;
    const fits = items < this.#maxItems && this.#bytes + this.#reservedBytes + bytes <= this.#maxBytes;
    if (items > 0 && !fits) return 'queue_full';
    const { used, limit } = this.#budget;
    return used > 0 && used + bytes > limit ? 'memory_full' : undefined;
  }

  /** True when an event of this size fits and leaves room: a source that feeds the queue may go on. */
  isCalmFor(bytes: number): boolean {
    if (this.fullFor(bytes)) return false;
    const items = this.length + this.#reserved;
    if (items === 0) return true;
    if (this.#budget.used * 2 > this.#budget.limit) return false;
    return items * 2 <= this.#maxItems && (this.#bytes + this.#reservedBytes) * 2 <= this.#maxBytes;
  }

  push(event: E, bytes: number): void {
    this.#events.push(event);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
    this.#budget.used += bytes;
  }

  /** Counts an event that waits elsewhere for its place in the queue, until {@link pushReserved}. */
  reserve(bytes: number): void {
    this.#reserved++;
    this.#reservedBytes += bytes;
    this.#budget.used += bytes;
  }

  /** Takes an event in whose room was reserved. */
  pushReserved(event: E, bytes: number): void {
    this.#reserved--;
    this.#reservedBytes -= bytes;
    this.#budget.used -= bytes;
    this.push(event, bytes);
  }

  shift(): E | undefined {
    if (this.length === 0) return undefined;
    const event = this.#events[this.#head]!;
    const bytes = this.#sizes[this.#head]!;
    this.#events[this.#head++] = undefined as unknown as E;
    this.#bytes -= bytes;
    this.#budget.used -= bytes;
    this.#compact();
    return event;
  }

  /** The oldest events, up to both bounds; at least one when there is any. */
  take(maxItems: number, maxBytes: number): E[] {
    const batch: E[] = [];
    let bytes = 0;
    while (this.length > 0) {
      const next = this.#sizes[this.#head]!;
      const fits = batch.length < maxItems && bytes + next <= maxBytes;
      if (batch.length > 0 && !fits) break;
      bytes += next;
      batch.push(this.shift()!);
    }
    return batch;
  }

  /** Gives back the space of what was taken, once it is more than half of the array. */
  #compact(): void {
    if (this.#head < this.#events.length && !(this.#head > 1024 && this.#head * 2 > this.#events.length))
      return;
    this.#events = this.#events.slice(this.#head);
    this.#sizes = this.#sizes.slice(this.#head);
    this.#head = 0;
  }
}
