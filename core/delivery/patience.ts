import type { Circuit } from './circuit.ts';
import type { ResolvedDelivery } from './options.ts';
import { isBlameless } from './outcome.ts';

/** How long events are tried that fail, and what is to be thought of them afterwards. */
export class Patience {
  readonly #circuit: Circuit;
  readonly #retry: ResolvedDelivery['retry'];
  readonly #isSuspect: boolean;
  #failedAt: number | undefined;
  #failures = 0;
  /** How many answers the destination had given before the first failure. */
  #answersBefore = 0;

  constructor(circuit: Circuit, retry: ResolvedDelivery['retry'], isSuspect: boolean) {
    this.#circuit = circuit;
    this.#retry = retry;
    this.#isSuspect = isSuspect;
  }

  /**
   * After a failure: `retry_exhausted` where others were taken meanwhile, so that these events are at fault, `overdue`
   * where nothing was, and undefined while it is not over.
   */
  endedBy(error: unknown): 'retry_exhausted' | 'overdue' | undefined {
    // The time for which a destination is out of order does not count against its events.
    if (isBlameless(error)) {
      this.#failedAt = undefined;
      return undefined;
    }
    if (this.#failures++ === 0) this.#answersBefore = this.#circuit.answers;
    this.#failedAt ??= performance.now();
    if (!this.#isOver()) return undefined;
    return this.#circuit.answers > this.#answersBefore ? 'retry_exhausted' : 'overdue';
  }

  #isOver(): boolean {
    const { breakAfter, maxElapsedMs } = this.#retry;
    if (this.#isSuspect) return this.#failures >= breakAfter;
    return performance.now() - this.#failedAt! >= maxElapsedMs;
  }
}
