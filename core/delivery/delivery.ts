import type { TracingEvent } from '../signals/tracing.ts';
import { bytesOf } from '../snapshot/snapshot.ts';
import type { Refusal } from './attempt.ts';
import { BatchTimer, newTimer } from './batch-timer.ts';
import { Change } from './change.ts';
import { Circuit } from './circuit.ts';
import { type DropReason, Tally } from './counts.ts';
import type { Heir } from './heir.ts';
import { HeldSpans } from './held-spans.ts';
import type { LaneSource } from './lane.ts';
import { Lanes } from './lanes.ts';
import { type Full, makeRoom } from './make-room.ts';
import { PermanentError } from './outcome.ts';
import type { DeliveryParts } from './parts.ts';
import { BoundedQueue } from './queue.ts';
import { mayHaveRoom } from './room.ts';
import type { RefusalKind, SenderParts, Sent } from './sender.ts';

/**
 * Carries the events of one signal to one plugin: bounded queue, batches by count, bytes and delay, one send in
 * flight or a few, retry with jitter. `offer` never waits and never throws; what is given up is counted by reason.
 */
export class Delivery<E extends object> {
  readonly counts: Tally;
  readonly circuit: Circuit;
  readonly #parts: DeliveryParts<E>;
  readonly #queue: BoundedQueue<E>;
  readonly #lanes: Lanes<E>;
  readonly #held: HeldSpans | undefined;
  readonly #timer: BatchTimer;
  readonly #change = new Change();
  #isOpen = false;
  #isClosed = false;
  #wasComplete = true;
  #heir: Heir<E> | undefined;
  /** Events before this position are sent without waiting for company. */
  #flushUpTo = 0;
  /** Of what was taken for a last write, the events that were being sent. */
  #leftInFlight = 0;

  constructor(parts: DeliveryParts<E>) {
    this.#parts = parts;
    this.counts = parts.counts ?? new Tally();
    this.#queue = new BoundedQueue(parts.options.queueItems, parts.options.queueBytes, parts.budget);
    this.#timer = new BatchTimer(parts.options.maxDelayMs, () => this.#sendAllSoFar());
    const { maxInFlight = 1, holdMs = 0 } = parts.plan ?? {};
    this.circuit = new Circuit(parts.options.retry.breakAfter);
    const onSetback: SenderParts<E>['onSetback'] = (error, setback, count) => {
      parts.onFailure(error, setback, count);
      this.#change.notify();
    };
    const senderParts = { ...parts, circuit: this.circuit, onSetback };
    this.#lanes = new Lanes(maxInFlight, senderParts, this.#source());
    if (holdMs > 0)
      this.#held = new HeldSpans(holdMs, newTimer, (event, bytes) => this.#unhold(event, bytes));
  }

  /** Accepts an event, or counts it as dropped when the queue is full. */
  offer(event: E): void {
    const bytes = bytesOf(event);
    const full = this.#isClosed ? 'shutdown' : this.#makeRoom(event, bytes);
    this.counts.enter('queued', 1);
    if (full) this.#drop('queued', full, 1);
    else this.#takeIn(event, bytes);
  }

  /** The plugin is ready: sends begin. Until then events wait. */
  open(): void {
    this.#isOpen = true;
    this.#pump();
  }

  /** True when a source may go on with an event of this size. */
  isCalmFor(bytes: number): boolean {
    return this.#isClosed || this.#queue.isCalmFor(bytes);
  }

  /** Resolves once a source may go on with an event of this size, or the delivery is closed. */
  async room(bytes: number): Promise<void> {
    while (!this.isCalmFor(bytes)) {
      this.#held?.releaseAll();
      this.#sendAllSoFar();
      await mayHaveRoom(this.#queue, this.#change);
    }
  }

  /**
   * Sends all that was accepted before the call. True when it was settled within the deadline; false at once where the
   * destination is not to be asked again before that.
   */
  async flush(deadlineMs: number): Promise<boolean> {
    this.#held?.releaseAll();
    const target = this.#queue.entered;
    if (this.#oldestOpen() >= target) return true;
    this.#flushUpTo = target;
    this.#lanes.hurry();
    this.#pump();
    const endsAt = performance.now() + deadlineMs;
    const isOver = () => this.#oldestOpen() >= target || this.#isClosed || this.#lanes.isPausedBeyond(endsAt);
    await this.#change.until(isOver, deadlineMs);
    return this.#oldestOpen() >= target;
  }

  /**
   * Everything accepted and not settled, for a last write when the process ends; nothing is sent any more. What
   * became of it is told with {@link settleLeft}.
   */
  takeLeft(): E[] {
    this.#held?.releaseAll();
    this.#isClosed = true;
    const left = this.#lanes.unsettled;
    this.#leftInFlight = left.length;
    return [...left, ...this.#queue.take(Infinity, Infinity)];
  }

  /** Counts what {@link takeLeft} gave: where it is now, or as lost with the process. */
  settleLeft(where: 'delivered' | 'spooled' | 'lost'): void {
    for (const from of ['queued', 'inFlight'] as const) {
      const count = from === 'queued' ? this.counts.queued : this.#leftInFlight;
      if (where !== 'lost') this.counts.move(count, from, where);
      else if (count > 0) this.#drop(from, 'process_exit', count);
    }
    this.#leftInFlight = 0;
  }

  /** Flushes, then gives up what is left, to the `heir` if there is one, and accepts nothing more. Safe to repeat. */
  async close(deadlineMs: number, heir?: Heir<E>): Promise<boolean> {
    this.#heir ??= heir;
    if (!this.#isClosed) {
      this.#wasComplete = (await this.flush(deadlineMs)) && this.#wasComplete;
      this.#giveUpAll();
    }
    while (this.#lanes.isBusy) await this.#change.next(); // the aborted send settles at once
    return this.#wasComplete;
  }

  #giveUpAll(): void {
    this.#isClosed = true;
    this.#timer.stop();
    this.#lanes.close();
    this.#held?.releaseAll();
    this.#leave('queued', this.#queue.take(Infinity, Infinity));
    this.#change.notify();
  }

  /** Gives events up that were not settled in time: to the heir, as if they had never been accepted here. */
  #leave(from: 'queued' | 'inFlight', left: readonly E[], error?: unknown): void {
    const heir = this.#heir;
    if (heir) this.counts.handOn(left.length, from);
    else if (left.length > 0) this.#drop(from, 'shutdown', left.length, error);
    for (const event of left) heir?.offer(event);
  }

  #makeRoom(event: E, bytes: number): Full {
    if (!this.#queue.fullFor(bytes)) return undefined;
    const { whenFull } = this.#parts.options;
    return makeRoom(this.#queue, this.#held, { event, bytes, whenFull, givenUp: this.#givenUp });
  }

  #takeIn(event: E, bytes: number): void {
    if (this.#held?.offer(event as unknown as TracingEvent, bytes)) this.#queue.reserve(bytes);
    else {
      this.#queue.push(event, bytes);
      this.#noteEntered();
    }
  }

  /** An event of the queue had to give way. */
  readonly #givenUp = (full: DropReason): void => {
    this.#drop('queued', full, 1);
    this.#change.notify();
  };

  #drop(from: 'queued' | 'inFlight', reason: DropReason, count: number, error?: unknown): void {
    this.counts.drop(count, from, reason);
    this.#parts.onFailure(error, reason, count);
  }

  /** Position of the oldest event that is neither delivered nor dropped; held ones have no position yet. */
  #oldestOpen(): number {
    return Math.min(this.#queue.next, this.#lanes.from);
  }

  #isBatchFull(): boolean {
    const { maxItems, maxBytes } = this.#parts.options;
    return this.#queue.length >= maxItems || this.#queue.bytes >= maxBytes;
  }

  #isDue(): boolean {
    return this.#queue.length > 0 && (this.#isBatchFull() || this.#queue.next < this.#flushUpTo);
  }

  #sendAllSoFar(): void {
    this.#flushUpTo = this.#queue.entered;
    this.#pump();
  }

  #unhold(event: TracingEvent, bytes: number): void {
    this.#queue.pushReserved(event as unknown as E, bytes);
    this.#noteEntered();
  }

  #noteEntered(): void {
    if (this.#isBatchFull()) this.#pump();
    else if (this.#isOpen) this.#timer.start();
  }

  #pump(): void {
    if (this.#isOpen && !this.#isClosed) this.#lanes.start();
  }

  /** What the lanes take from, and where they tell what became of it. */
  #source(): LaneSource<E> {
    return {
      take: () => this.#take(),
      settle: (events, sent) => this.#settle(events, sent),
      idle: () => (this.#queue.length === 0 ? this.#timer.stop() : this.#isOpen && this.#timer.start()),
    };
  }

  /** The next batch when one is due. Where more is due, another lane takes that. */
  #take(): { batch: E[]; from: number } | undefined {
    if (this.#isClosed || !this.#isDue()) return undefined;
    const { maxItems, maxBytes } = this.#parts.options;
    const from = this.#queue.next;
    const batch = this.#queue.take(maxItems, maxBytes);
    this.counts.move(batch.length, 'queued', 'inFlight');
    if (this.#isDue()) this.#pump();
    return { batch, from };
  }

  #settle(events: readonly E[], sent: Sent<E>): void {
    const lost = 'refusals' in sent ? sent.refusals.length : events.length;
    const { landing, onLanded, onSuccess, isRedeliverySafe } = this.#parts;
    this.counts.move(events.length - lost, 'inFlight', landing?.() ?? 'delivered');
    if ('refusals' in sent) this.#refuse(sent.refusals, sent.kind);
    else if (sent.reason === 'shutdown' && isRedeliverySafe) this.#leave('inFlight', events, sent.error);
    else this.#drop('inFlight', sent.reason, events.length, sent.error);
    onLanded?.();
    if (lost < events.length) onSuccess();
    this.#change.notify();
  }

  #refuse(refusals: readonly Refusal<E>[], kind: RefusalKind = 'rejected'): void {
    if (refusals.length === 0) return;
    this.#drop('inFlight', kind, refusals.length, new PermanentError(refusals[0]!.reason));
    this.#parts.onRefused(refusals);
  }
}
