import type { PartialResult } from '../contract/send.ts';
import { messageOf, ObsError } from '../errors.ts';
import type { Spool } from '../spool/spool.ts';
import type { Tally, Whereabouts } from './counts.ts';
import type { Drain } from './drain.ts';
import { failureKind, RetryableError } from './outcome.ts';

/** What an intake needs. */
export interface IntakeParts {
  counts: Tally;
  /** The spool cannot be opened, written or read. */
  onSpoolFailed: (error: Error) => void;
  /** It can again. */
  onSpoolHealed: () => void;
}

/** Puts batches into a spool; where that takes none, as with a disk that is full, they go to the drain as they are. */
export class Intake<E extends object> {
  readonly #spool: Spool<E>;
  readonly #drain: Drain<E>;
  readonly #parts: IntakeParts;
  /** Where the last batch went. */
  landing: Whereabouts = 'spooled';
  isOpen = false;
  #isFailing = false;

  constructor(spool: Spool<E>, drain: Drain<E>, parts: IntakeParts) {
    this.#spool = spool;
    this.#drain = drain;
    this.#parts = parts;
  }

  /** The spool is open. */
  open(): void {
    this.isOpen = true;
    this.#healed();
    this.#drain.notify();
  }

  /** Takes a batch; what becomes of it is counted when {@link landed} is called. */
  async take(batch: readonly E[], abortSignal: AbortSignal): Promise<PartialResult | void> {
    while (!this.isOpen && this.#drain.isHoldingLoose) {
      await this.#drain.changed();
      abortSignal.throwIfAborted();
    }
    const stored = this.isOpen ? await this.#append(batch) : undefined;
    if (stored) return stored;
    if (this.isOpen && !this.#mayBypass()) throw new RetryableError('the spool takes no events');
    abortSignal.throwIfAborted();
    this.landing = 'inFlight';
    this.#drain.sendLoose(batch);
  }

  /** The batch is counted: it may be sent. */
  landed(): void {
    if (this.landing === 'spooled') this.#spool.commit();
    this.#drain.pump();
  }

  /** Says that the spool fails. */
  failed(error: unknown): void {
    this.#isFailing = true;
    this.#parts.onSpoolFailed(new ObsError('OBS_SPOOL', messageOf(error), { cause: error }));
  }

  /** Undefined when the spool fails. @throws FullError */
  async #append(batch: readonly E[]): Promise<PartialResult | undefined> {
    try {
      const result = await this.#spool.append(batch);
      this.landing = 'spooled';
      this.#healed();
      return result;
    } catch (error) {
      if (failureKind(error) === 'full') throw error;
      this.failed(error);
      return undefined;
    }
  }

  /** Events may go past a spool that fails where they overtake nothing, and where somebody takes them. */
  #mayBypass(): boolean {
    const { circuit, isHoldingLoose } = this.#drain;
    return this.#parts.counts.spooled === 0 && !isHoldingLoose && circuit.state === 'closed';
  }

  #healed(): void {
    if (this.#isFailing) this.#parts.onSpoolHealed();
    this.#isFailing = false;
  }
}
