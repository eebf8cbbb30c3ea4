import type { Place } from './record.ts';

/** Bounds of a batch. */
export interface BatchBounds {
  maxItems: number;
  maxBytes: number;
}

/** Counts out the batch that events join as they are written; a batch may be written in several pieces. */
export class OpenBatch {
  readonly #bounds: BatchBounds;
  /** The sequence of the next event. */
  sequence: number;
  items = 0;
  #bytes = 0;

  constructor(bounds: BatchBounds, sequence = 0) {
    this.#bounds = bounds;
    this.sequence = sequence;
  }

  /** The sequence of its first event, or of the next one when it has none. */
  get first(): number {
    return this.sequence - this.items;
  }

  get isFull(): boolean {
    return this.items >= this.#bounds.maxItems || this.#bytes >= this.#bounds.maxBytes;
  }

  /** The place of the next event. */
  add(bytes: number): Place {
    if (this.isFull || (this.items > 0 && this.#bytes + bytes > this.#bounds.maxBytes)) this.end();
    this.#bytes += bytes;
    return { sequence: this.sequence++, index: this.items++ };
  }

  /** The next event begins another batch. */
  end(): void {
    this.items = 0;
    this.#bytes = 0;
  }

  /** One to go on with, which may be thrown away. */
  copy(): OpenBatch {
    const copy = new OpenBatch(this.#bounds, this.sequence);
    copy.items = this.items;
    copy.#bytes = this.#bytes;
    return copy;
  }
}
