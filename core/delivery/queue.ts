import { eventValue, ORDINARY, VALUES, type Value } from './event-value.ts';
import { type Queued, Row } from './row.ts';

/** Bytes held by all queues of a host together. */
export interface ByteBudget {
  readonly limit: number;
  used: number;
}

/** Some events of a queue: how many, and their bytes. */
interface Sum {
  items: number;
  bytes: number;
}

const NOTHING: Sum = { items: 0, bytes: 0 };

/**
 * A queue bounded in items and bytes, first in first out. It holds events, those of each value in a row of their own;
 * it never decides which to give up.
 */
export class BoundedQueue<E extends object> {
  readonly #maxItems: number;
  readonly #maxBytes: number;
  readonly #budget: ByteBudget;
  /** By value, the least first. */
  readonly #rows = VALUES.map(() => new Row<E>());
  #length = 0;
  #bytes = 0;
  /** Events that wait elsewhere and take room here. */
  readonly #reserved: Sum = { ...NOTHING };
  #entered = 0;

  constructor(maxItems: number, maxBytes: number, budget: ByteBudget) {
    this.#maxItems = maxItems;
    this.#maxBytes = maxBytes;
    this.#budget = budget;
  }

  get length(): number {
    return this.#length;
  }
  get bytes(): number {
    return this.#bytes;
  }

  /** Events that ever entered; the n-th of them has position n - 1. */
  get entered(): number {
    return this.#entered;
  }

  /** The position of the oldest event, or of the next one to enter when there is none. */
  get next(): number {
    return this.#oldestRow()?.oldest?.position ?? this.#entered;
  }

  /** The least value among the events; beyond all values when there are none. */
  get leastValue(): number {
    const value = this.#rows.findIndex((row) => row.length > 0);
    return value < 0 ? VALUES.length : value;
  }

  /**
   * What keeps an event of this size out: this queue, or all queues together; undefined when it fits. One event always
   * fits into an empty queue, unless other queues use the memory.
   * @param without events as if they were not there.
   */
  fullFor(bytes: number, without: Sum = NOTHING): 'queue_full' | 'memory_full' | undefined {
    const items = this.#length + this.#reserved.items - without.items;
    const held = this.#bytes + this.#reserved.bytes - without.bytes;
    const fits = items < this.#maxItems && held + bytes <= this.#maxBytes;
    if (items > 0 && !fits) return 'queue_full';
    const used = this.#budget.used - without.bytes;
    return used > 0 && used + bytes > this.#budget.limit ? 'memory_full' : undefined;
  }

  /** True when an event of this size fits and leaves room: a source that feeds the queue may go on. */
  isCalmFor(bytes: number): boolean {
    if (this.fullFor(bytes)) return false;
    const items = this.#length + this.#reserved.items;
    if (items === 0) return true;
    if (this.#budget.used * 2 > this.#budget.limit) return false;
    return items * 2 <= this.#maxItems && (this.#bytes + this.#reserved.bytes) * 2 <= this.#maxBytes;
  }

  /** The events of a value and of those below; what waits elsewhere counts as ordinary. */
  upTo(value: number): Sum {
    const { items, bytes } = value >= ORDINARY ? this.#reserved : NOTHING;
    const rows = this.#rows.slice(0, value + 1);
    return {
      items: rows.reduce((sum, row) => sum + row.length, items),
      bytes: rows.reduce((sum, row) => sum + row.bytes, bytes),
    };
  }

  push(event: E, bytes: number): void {
    this.#rows[eventValue(event)]!.push({ event, bytes, position: this.#entered++ });
    this.#length++;
    this.#bytes += bytes;
    this.#budget.used += bytes;
  }

  /** Counts an event that waits elsewhere for its place in the queue, until {@link pushReserved}. */
  reserve(bytes: number): void {
    this.#reserved.items++;
    this.#reserved.bytes += bytes;
    this.#budget.used += bytes;
  }

  /** Takes an event in whose room was reserved. */
  pushReserved(event: E, bytes: number): void {
    this.#reserved.items--;
    this.#reserved.bytes -= bytes;
    this.#budget.used -= bytes;
    this.push(event, bytes);
  }

  /** Takes the oldest of all. */
  shift(): E | undefined {
    return this.#taken(this.#oldestRow()?.shift());
  }

  /** Takes the oldest of a value. */
  shiftOf(value: Value): E | undefined {
    return this.#taken(this.#rows[value]!.shift());
  }

  /** Takes the newest of a value. */
  popOf(value: Value): E | undefined {
    return this.#taken(this.#rows[value]!.pop());
  }

  /** The oldest events, up to both bounds; at least one when there is any. */
  take(maxItems: number, maxBytes: number): E[] {
    const batch: E[] = [];
    let bytes = 0;
    for (let row = this.#oldestRow(); row; row = this.#oldestRow()) {
      bytes += row.oldest!.bytes;
      if (batch.length > 0 && (batch.length >= maxItems || bytes > maxBytes)) break;
      batch.push(this.#taken(row.shift())!);
    }
    return batch;
  }

  #taken(queued: Queued<E> | undefined): E | undefined {
    if (!queued) return undefined;
    this.#length--;
    this.#bytes -= queued.bytes;
    this.#budget.used -= queued.bytes;
    return queued.event;
  }

  /** The row whose first event is the oldest of all. */
  #oldestRow(): Row<E> | undefined {
    let oldest: Row<E> | undefined;
    for (const row of this.#rows) {
      if (row.length > 0 && !(oldest && oldest.oldest!.position < row.oldest!.position)) oldest = row;
    }
    return oldest;
  }
}
