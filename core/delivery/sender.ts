import type { Send } from '../contract/send.ts';
import { type Attempt, attemptSend, type Refusal } from './attempt.ts';
import { backoffMs } from './backoff.ts';
import type { Part } from './bisection.ts';
import type { Circuit } from './circuit.ts';
import type { DropReason, Setback } from './counts.ts';
import type { ResolvedDelivery } from './options.ts';
import { failureKind, retryAfterOf } from './outcome.ts';
import { Patience } from './patience.ts';
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

/** How a destination refuses events: it says so, or it fails with them again and again while it takes others. */
export type RefusalKind = Extract<DropReason, 'rejected' | 'retry_exhausted'>;

/** What became of the events of a part: delivered but for some that were refused, or given up as a whole. */
export type Sent<E> =
  | { refusals: readonly Refusal<E>[] /** Default: `rejected`. */; kind?: RefusalKind }
  | { reason: DropReason; error?: unknown };

/** The time of a part is over, but nothing else was taken since it failed first: who knows what is at fault. */
export interface Overdue {
  overdue: unknown;
}

/** Sends one part at a time, with pauses and repeats, until it is delivered, given up or overdue. */
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

  /**
   * Never rejects. A suspect is a part that failed while others were taken: it has `retry.breakAfter` attempts instead of
   * `retry.maxElapsedMs`.
   */
  async send(part: Part<E>, isSuspect = false): Promise<Sent<E> | Overdue> {
    const sent = await this.#send(part, isSuspect);
    this.#parts.circuit.leave(this);
    return sent;
  }

  async #send(part: Part<E>, isSuspect: boolean): Promise<Sent<E> | Overdue> {
    const { circuit } = this.#parts;
    const isOpen = circuit.state !== 'closed' && !this.#isClosed;
    // The part before was given up; a new one is no reason to be quick.
    if (isOpen) await this.#waitAfter(circuit.error, circuit.failures, part.events.length);
    const patience = new Patience(circuit, this.#parts.options.retry, isSuspect);
    for (let attempt = 1, failures = isOpen ? circuit.failures : 0; !this.#isClosed; attempt++) {
      if (!circuit.mayTry(this)) await this.#waitForAnother();
      if (this.#isClosed) break;
      const result = await this.#attempt(part, attempt);
      if (!('error' in result)) return result;
      const { error } = result;
      failures = failureKind(error) === 'destination' ? 0 : failures + 1;
      const reason = this.#giveUpReason(error) ?? patience.endedBy(error);
      if (reason === 'overdue') return { overdue: error };
      if (reason) return { reason, error };
      await this.#waitAfter(error, failures, part.events.length);
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

  #giveUpReason(error: unknown): DropReason | undefined {
    if (this.#isClosed) return 'shutdown';
    const kind = failureKind(error);
    if (kind === 'permanent') return 'rejected';
    if (kind === 'full') return 'spool_full';
    return kind === 'ambiguous' && !this.#parts.isRedeliverySafe ? 'ambiguous' : undefined;
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
