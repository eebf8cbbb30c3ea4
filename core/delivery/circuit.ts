import { Change } from './change.ts';
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
  readonly #change = new Change();
  /** Who tries while it is not closed. */
  #prober: object | undefined;
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

  /** True for everybody while it is closed, else for the first who asks, until that one leaves. */
  mayTry(sender: object): boolean {
    if (this.#state === 'closed') return true;
    this.#prober ??= sender;
    return this.#prober === sender;
  }

  /** A sender is done with its events, or gives up. */
  leave(sender: object): void {
    if (this.#prober === sender) this.#prober = undefined;
    this.#change.notify();
  }

  /** Resolves when somebody else may be allowed to try. */
  changed(): Promise<void> {
    return this.#change.next();
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
    this.#prober = undefined;
    this.#change.notify();
  }
}

const BY_TROUBLE: readonly CircuitState[] = ['closed', 'half-open', 'open'];

/** The worse of two states. */
export function worseCircuit(one: CircuitState, other: CircuitState): CircuitState {
  return BY_TROUBLE.indexOf(one) > BY_TROUBLE.indexOf(other) ? one : other;
}
