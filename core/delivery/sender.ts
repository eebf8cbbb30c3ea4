import type { Send } from '../contract/send.ts';
import { type Attempt, attemptSend, type Refusal } from './attempt.ts';
import { backoffMs } from './backoff.ts';
import type { Part } from './bisection.ts';
import type { Circuit } from './circuit.ts';
import type { DropReason, Setback } from './counts.ts';
import type { ResolvedDelivery } from './options.ts';
import { failureKind, isBlameless, retryAfterOf } from './outcome.ts';
import { Pause } from './pause.ts';

/** What a sender needs. */
export interface SenderParts<E extends object> {
  send: Send<E>;
  options: ResolvedDelivery;
  /** Shared by all senders to the destination. */
  circuit: Circuit;
  /** False: a send that may have arrived is not repeated. */
  isRedeliverySafe: boolean;
  /** Makes the id of a batch. */
  newBatchId: () => string;
  /** 0 to 1, for jitter. */
  random: () => number;
  /** Told of every failure after which the same events are tried again, when the pause before that has begun. */
  onSetback: (error: unknown, setback: Setback, count: number) => void;
}

/** Why an event goes to the dead letters: it was refused, or failed for as long as it may. */
export type RefusalKind = Extract<DropReason, 'rejected' | 'retry_exhausted'>;

/** What became of the events of a part: delivered but for some that were refused (`rejected` by default), or given up as a whole. */
export type Sent<E> =
  | { refusals: readonly Refusal<E>[]; kind?: RefusalKind }
  | { reason: DropReason; error?: unknown };

/** A part failed for as long as it may, and is to be divided. */
export const OVERDUE = Symbol('overdue');

/** The share of `retry.maxElapsedMs` that halves of an overdue part have. */
const LATE_SHARE = 0.1;

/** Sends one part at a time, with pauses and repeats, until it is delivered or given up. */
export class Sender<E extends object> {
  readonly #parts: SenderParts<E>;
  readonly #pause = new Pause();
  #isClosed = false;
  #isWaitingForAnother = false;
  #abort: AbortController | undefined;

  constructor(parts: SenderParts<E>) {
    this.#parts = parts;
  }

  /** When the next attempt is due, where nothing can bring it forward; undefined while none is waited for. */
  get pausedUntil(): number | undefined {
    return this.#isWaitingForAnother ? Number.POSITIVE_INFINITY : this.#pause.fixedUntil;
  }

  /** Never rejects. */
  async send(part: Part<E>): Promise<Sent<E> | typeof OVERDUE> {
    const sent = await this.#send(part);
    this.#parts.circuit.leave(this);
    return sent;
  }

  async #send(part: Part<E>): Promise<Sent<E> | typeof OVERDUE> {
    const { circuit } = this.#parts;
    const isOpen = circuit.state !== 'closed' && !this.#isClosed;
    // The part before was given up; a new one is no reason to be quick.
    if (isOpen) await this.#waitAfter(circuit.error, circuit.failures, part.events.length);
    const limitMs = this.#limitMs(part);
    let failedAt: number | undefined;
    for (let attempt = 1, failures = isOpen ? circuit.failures : 0; !this.#isClosed; attempt++) {
      if (!circuit.mayTry(this)) {
        await this.#waitForAnother();
        failedAt = undefined;
      }
      if (this.#isClosed) break;
      const result = await this.#attempt(part, attempt);
      if (!('error' in result)) return result;
      const { error } = result;
      // The time for which a destination is out of order does not count against its events.
      failedAt = isBlameless(error) ? undefined : (failedAt ?? performance.now());
      failures = failureKind(error) === 'destination' ? 0 : failures + 1;
      const isOver = failedAt !== undefined && performance.now() - failedAt >= limitMs;
      const reason = this.#giveUpReason(error, isOver);
      const isOverdue = reason === 'retry_exhausted' && this.#isDivisible(part);
      if (reason && !isOverdue) return { reason, error };
      // While the circuit is not closed, whatever comes next waits first.
      if (!isOverdue || circuit.state === 'closed')
        await this.#waitAfter(error, failures, part.events.length);
      if (isOverdue) return OVERDUE;
    }
    return { reason: 'shutdown' };
  }

  /** Cuts a pause short, unless the destination asked for it or takes nothing. */
  hurry(): void {
    this.#pause.hurry();
  }

  /** Aborts what is under way: it settles at once. */
  close(): void {
    this.#isClosed = true;
    this.#abort?.abort(new Error('the send was ended by the shutdown'));
    this.#pause.end();
    this.#parts.circuit.leave(this);
  }

  async #attempt({ id: batchId, events }: Part<E>, attempt: number): Promise<Attempt<E>> {
    const { send, options, circuit } = this.#parts;
    this.#abort = new AbortController();
    circuit.begin();
    const limit = { ms: options.timeoutMs, onSlow: () => circuit.slow() };
    const result = await attemptSend(send, events, { batchId, attempt }, this.#abort, limit);
    this.#abort = undefined;
    if ('error' in result && failureKind(result.error) !== 'permanent') circuit.failed(result.error);
    else circuit.answered();
    return result;
  }

  /** One sender is enough to find out whether the destination answers again. */
  async #waitForAnother(): Promise<void> {
    const { circuit } = this.#parts;
    this.#isWaitingForAnother = true;
    while (!this.#isClosed && !circuit.mayTry(this)) await circuit.changed();
    this.#isWaitingForAnother = false;
  }

  /**
   * How long a part may fail. Halves of an overdue one are tried for a shorter time, to find out soon which of them gets
   * through; a single event only if the destination has just taken something: else nothing says that it is at fault.
   */
  #limitMs({ isLate, events }: Part<E>): number {
    const { circuit, options } = this.#parts;
    const { maxElapsedMs } = options.retry;
    return isLate && (events.length > 1 || circuit.failures === 0) ? maxElapsedMs * LATE_SHARE : maxElapsedMs;
  }

  /** With a limit of 0 the first failure is final. */
  #isDivisible({ events }: Part<E>): boolean {
    return events.length > 1 && this.#parts.options.retry.maxElapsedMs > 0;
  }

  #giveUpReason(error: unknown, isOver: boolean): DropReason | undefined {
    if (this.#isClosed) return 'shutdown';
    const kind = failureKind(error);
    if (kind === 'permanent') return 'rejected';
    if (kind === 'full') return 'spool_full';
    if (kind === 'destination') return undefined;
    if (kind === 'ambiguous' && !this.#parts.isRedeliverySafe) return 'ambiguous';
    return isOver ? 'retry_exhausted' : undefined;
  }

  #waitAfter(error: unknown, failures: number, count: number): Promise<void> {
    const { options, circuit, random, isRedeliverySafe, onSetback } = this.#parts;
    const { retry } = options;
    const kind = failureKind(error);
    const isPaused = kind === 'destination';
    const askedMs = retryAfterOf(error);
    // Here each further attempt may cost a batch.
    const isCostly = kind === 'ambiguous' && !isRedeliverySafe;
    const maxDelayMs = isCostly ? Math.max(retry.probeMs, retry.maxDelayMs) : retry.maxDelayMs;
    const ms = isPaused ? retry.probeMs : backoffMs(failures, { ...retry, maxDelayMs }, askedMs, random);
    const waited = this.#pause.wait(ms, isPaused || askedMs !== undefined);
    onSetback(error, circuit.state === 'closed' ? 'retrying' : 'paused', count);
    return waited;
  }
}
