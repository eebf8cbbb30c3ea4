import { bytesOf } from '../snapshot.ts';

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
  #head = 0;
  #bytes = 0;

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

  /** True when an event of this size fits. One event always fits into an empty queue, unless all queues are full. */
  hasRoomFor(bytes: number): boolean {
    if (this.#budget.used + bytes > this.#budget.limit) return false;
    return this.length === 0 || (this.length < this.#maxItems && this.#bytes + bytes <= this.#maxBytes);
  }

  /** True when the queue, and all queues together, are at most half full, so that a source may go on. */
  isCalm(): boolean {
    if (this.length > 0 && this.#budget.used * 2 > this.#budget.limit) return false;
    return this.length * 2 <= this.#maxItems && this.#bytes * 2 <= this.#maxBytes;
  }

  push(event: E, bytes: number): void {
    this.#events.push(event);
    this.#bytes += bytes;
    this.#budget.used += bytes;
  }

  shift(): E | undefined {
    if (this.length === 0) return undefined;
    const event = this.#events[this.#head]!;
    this.#events[this.#head++] = undefined as unknown as E;
    const bytes = bytesOf(event);
    this.#bytes -= bytes;
    this.#budget.used -= bytes;
    this.#compact();
    return event;
  }

  /** The oldest events, up to both bounds; at least one when there is any. */
  take(maxItems: number, maxBytes: number): E[] {
    const batch: E[] = [];
    let bytes = 0;
    while (this.length > 0 && batch.length < maxItems) {
      const next = bytesOf(this.#events[this.#head]!);
      if (batch.length > 0 && bytes + next > maxBytes) break;
      bytes += next;
      batch.push(this.shift()!);
    }
    return batch;
  }

  /** Gives back the space of what was taken, once it is more than half of the array. */
  #compact(): void {
    if (this.#head === this.#events.length) {
      this.#events = [];
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }
}
