import type { Circuit } from './circuit.ts';
import { Lane, type LaneSource } from './lane.ts';
import type { SenderParts } from './sender.ts';

/** The lanes of one delivery: what is under way at once, begun in order. */
export class Lanes<E extends object> {
  readonly #lanes: readonly Lane<E>[];
  readonly #circuit: Circuit;

  constructor(count: number, parts: SenderParts<E>, source: LaneSource<E>) {
    this.#circuit = parts.circuit;
    this.#lanes = Array.from({ length: count }, () => new Lane(parts, source));
  }

  /**
   * Lets a free lane go on; the first one takes everything that a single one can carry. While the circuit is open, no
   * other joins in.
   */
  start(): void {
    if (this.#circuit.state !== 'closed' && this.#lanes.some((lane) => lane.isBusy)) return;
    this.#lanes.find((lane) => !lane.isBusy)?.start();
  }

  /** Cuts the pauses short that may be. */
  hurry(): void {
    for (const lane of this.#lanes) lane.hurry();
  }

  /** Aborts what is under way: it settles at once. */
  close(): void {
    for (const lane of this.#lanes) lane.close();
  }

  /** True while something is being sent. */
  get isBusy(): boolean {
    return this.from < Number.POSITIVE_INFINITY;
  }

  /** The position of the oldest event of a batch under way; beyond all positions when there is none. */
  get from(): number {
    return Math.min(...this.#lanes.map((lane) => lane.from));
  }

  /** The events under way that are not settled. */
  get unsettled(): E[] {
    return this.#lanes.flatMap((lane) => lane.unsettled);
  }

  /** True when something is under way and nothing of it will be tried before that time (of `performance.now()`). */
  isPausedBeyond(endsAt: number): boolean {
    const busy = this.#lanes.filter((lane) => lane.isBusy);
    return busy.length > 0 && busy.every(({ pausedUntil = 0 }) => pausedUntil > endsAt);
  }
}
