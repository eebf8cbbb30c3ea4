import { failureKind } from './outcome.ts';

/**
 * `closed`: batches are sent as they come. `open`: the destination fails, so one batch is tried from time to time and the
 * others wait. `half-open`: that attempt is under way.
 */
export type CircuitState = 'closed' | 'open' | 'half-open';

/**
 * Knows whether the destination of a delivery answers at all. It opens after some failures in a row, at once where the
 * destination takes nothing, and when a send has used most of its time without an answer. Any answer closes it, a refusal
 * of single events too. It never sends and never waits: senders ask it how patient to be.
 */
export class Circuit {
  readonly #breakAfter: number;
  #state: CircuitState = 'closed';
  /** Failures since the last answer. */
  failures = 0;
  /** What the last of them said. */
  error: unknown;

  constructor(breakAfter: number) {
    this.#breakAfter = breakAfter;
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** An attempt begins. */
  begin(): void {
    if (this.#state === 'open') this.#state = 'half-open';
  }

  /** An attempt hangs, as it seems. */
  slow(): void {
    this.#state = 'open';
  }

  /** An attempt failed without an answer about its events. */
  failed(error: unknown): void {
    this.failures++;
    this.error = error;
    const isOpen = this.#state !== 'closed' || this.failures >= this.#breakAfter;
    if (isOpen || failureKind(error) === 'destination') this.#state = 'open';
  }

  /** The destination took events, or said which ones it does not take. */
  answered(): void {
    this.failures = 0;
    this.error = undefined;
    this.#state = 'closed';
  }
}

const BY_TROUBLE: readonly CircuitState[] = ['closed', 'half-open', 'open'];

/** The worse of two states. */
export function worseCircuit(one: CircuitState, other: CircuitState): CircuitState {
  return BY_TROUBLE.indexOf(one) > BY_TROUBLE.indexOf(other) ? one : other;
}
