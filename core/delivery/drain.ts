import type { PartialResult, Send } from '../contract/send.ts';
import type { Stored } from '../spool/backlog.ts';
import type { Spool } from '../spool/spool.ts';
import type { Refusal } from './attempt.ts';
import { BatchTimer } from './batch-timer.ts';
import { Change } from './change.ts';
import { Circuit } from './circuit.ts';
import type { DropReason, Tally, Whereabouts } from './counts.ts';
import type { Heir } from './heir.ts';
import { Lanes } from './lanes.ts';
import { PermanentError } from './outcome.ts';
import type { DeliveryParts } from './parts.ts';
import type { Sent } from './sender.ts';

/** An event on its way out: of the spool, or, where that takes none, of memory. */
type Outgoing<E> = Stored<E> | { event: E; segment?: undefined };

/** What a drain needs. */
export interface DrainParts<E extends object> extends DeliveryParts<E> {
  counts: Tally;
}

/** Sends what is in a spool, batch by batch, until it is delivered or refused; never gives up otherwise. */
export class Drain<E extends object> {
  readonly circuit: Circuit;
  readonly #parts: DrainParts<E>;
  readonly #spool: Spool<E>;
  readonly #lanes: Lanes<Outgoing<E>>;
  readonly #timer: BatchTimer;
  readonly #change = new Change();
  /** Batches that the spool could not take. */
  #loose: E[][] = [];
  #looseInFlight = 0;
  #isOpen = false;
  #isClosed = false;
  #heir: Heir<E> | undefined;

  constructor(parts: DrainParts<E>, spool: Spool<E>) {
    const { options, plan } = parts;
    this.#parts = parts;
    this.#spool = spool;
    this.circuit = new Circuit(options.retry.breakAfter);
    this.#timer = new BatchTimer(options.maxDelayMs, () => spool.endBatch());
    const senderParts = {
      ...parts,
      options: { ...options, retry: { ...options.retry, maxElapsedMs: Number.POSITIVE_INFINITY } },
      circuit: this.circuit,
      send: unwrapped(parts.send),
      onSetback: this.#setBack,
    };
    this.#lanes = new Lanes(plan?.maxInFlight ?? 1, senderParts, {
      take: () => this.#take(),
      settle: (events, sent) => this.#settle(events, sent),
      idle: () => {},
    });
  }

  /** Sends begin. */
  open(): void {
    this.#isOpen = true;
    this.pump();
  }

  /** There may be something to send. */
  pump(): void {
    if (this.#spool.hasOpenBatch && !this.#isClosed) this.#timer.start();
    else this.#timer.stop();
    if (this.#isOpen && !this.#isClosed) this.#lanes.start();
  }

  /** Events in memory that it has taken, and that are neither delivered nor given up. */
  get looseItems(): number {
    return this.#loose.reduce((sum, { length }) => sum + length, this.#looseInFlight);
  }

  /** True while batches that the spool could not take wait here: no more of them are wanted. */
  get isHoldingLoose(): boolean {
    return this.#loose.length > 0;
  }

  /** Takes events that the spool does not. */
  sendLoose(events: readonly E[]): void {
    const { maxItems } = this.#parts.options;
    for (let at = 0; at < events.length; at += maxItems) this.#loose.push(events.slice(at, at + maxItems));
    this.pump();
  }

  /** Resolves at the next change of what it holds. */
  changed(): Promise<void> {
    return this.#change.next();
  }

  /** Wakes those who wait for a change. */
  notify(): void {
    this.#change.notify();
  }

  /** All events in memory that are not settled, for a last write. */
  takeLoose(): E[] {
    this.#isClosed = true;
    const sending = this.#lanes.unsettled.filter(({ segment }) => !segment).map(({ event }) => event);
    return [...sending, ...this.#loose.splice(0).flat()];
  }

  /** Sends all that is in the spool and resolves when it is settled, at the deadline, or when nothing will be tried before. */
  async flush(deadlineMs: number): Promise<void> {
    this.#spool.endBatch();
    const isSettled = this.#spool.mark();
    const endsAt = performance.now() + deadlineMs;
    this.#lanes.hurry();
    this.pump();
    const isDone = () => isSettled() && this.looseItems === 0;
    const isOver = () => isDone() || this.#isClosed || this.#lanes.isPausedBeyond(endsAt);
    await this.#change.until(isOver, deadlineMs);
    await this.#spool.noted(Math.max(0, endsAt - performance.now()));
  }

  /** Stops sending. What is in the spool stays there; what is not is given up, to the `heir` if there is one. */
  async close(heir?: Heir<E>): Promise<void> {
    this.#heir = heir;
    this.#isClosed = true;
    this.#timer.stop();
    this.#lanes.close();
    this.#leave(this.#loose.splice(0).flat());
    while (this.#lanes.isBusy) await this.#change.next(); // the aborted send settles at once
    this.#change.notify();
  }

  #take(): { batch: Outgoing<E>[]; from: number; id?: string } | undefined {
    if (this.#isClosed) return undefined;
    const loose = this.#loose.shift();
    if (loose) {
      this.#looseInFlight += loose.length;
      this.#change.notify();
      return { batch: loose.map((event) => ({ event })), from: 0 };
    }
    const next = this.#spool.next();
    if (next) this.#lanes.start();
    return next && { batch: next.events, from: 0, id: next.id };
  }

  #settle(events: readonly Outgoing<E>[], sent: Sent<Outgoing<E>>): void {
    const stored = events.filter((one): one is Stored<E> => one.segment !== undefined);
    const where = stored.length > 0 ? 'spooled' : 'inFlight';
    if (where === 'inFlight') this.#looseInFlight -= events.length;
    const isEnded = 'reason' in sent && sent.reason === 'shutdown';
    if (isEnded && where === 'inFlight' && this.#parts.isRedeliverySafe)
      this.#leave(events.map(({ event }) => event));
    // What is in the spool is not lost with the process.
    else if (!isEnded || where === 'inFlight') {
      this.#count(events.length, where, sent);
      if (where === 'spooled') this.#spool.settle(stored);
    }
    this.#change.notify();
  }

  #leave(loose: readonly E[]): void {
    const heir = this.#heir;
    if (!heir) this.#drop('inFlight', 'shutdown', loose.length);
    else this.#parts.counts.handOn(loose.length, 'inFlight');
    for (const event of loose) heir?.offer(event);
  }

  #count(size: number, from: Whereabouts, sent: Sent<Outgoing<E>>): void {
    const { counts, onSuccess, onRefused } = this.#parts;
    if ('reason' in sent) {
      this.#drop(from, sent.reason, size, sent.error);
      return;
    }
    const refusals = sent.refusals.map(({ event, reason }): Refusal<E> => ({ event: event?.event, reason }));
    counts.move(size - refusals.length, from, 'delivered');
    if (refusals.length > 0) {
      this.#drop(from, sent.kind ?? 'rejected', refusals.length, new PermanentError(refusals[0]!.reason));
      onRefused(refusals);
    }
    if (refusals.length < size) onSuccess();
  }

  #drop(from: Whereabouts, reason: DropReason, count: number, error?: unknown): void {
    if (count === 0) return;
    this.#parts.counts.drop(count, from, reason);
    this.#parts.onFailure(error, reason, count);
  }

  readonly #setBack: DeliveryParts<E>['onFailure'] = (error, setback, count) => {
    this.#parts.onFailure(error, setback, count);
    this.#change.notify();
  };
}

function unwrapped<E>(send: Send<E>): Send<Outgoing<E>> {
  return async (batch, context): Promise<void | PartialResult> =>
    send(
      batch.map(({ event }) => event),
      context,
    );
}
