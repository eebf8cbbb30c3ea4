import { timerMs } from '../clock.ts';
import { runSilenced } from '../context.ts';
import type { TracingEvent } from '../signals/tracing.ts';
import { bytesOf } from '../snapshot.ts';
import { Change } from './change.ts';
import { type DeliveryCounts, type DropReason, noCounts } from './counts.ts';
import { HeldSpans } from './held-spans.ts';
import { Lane, type LaneSource } from './lane.ts';
import type { DeliveryParts } from './parts.ts';
import { BoundedQueue } from './queue.ts';
import type { Sent } from './sender.ts';

/** How often a source looks whether other queues gave memory back. */
const MEMORY_POLL_MS = 50;

/**
 * Carries the events of one signal to one plugin: bounded queue, batches by count, bytes and delay, one send in
 * flight or a few, retry with jitter. `offer` never waits and never throws; what is given up is counted by reason.
 */
export class Delivery<E extends object> {
  readonly counts: DeliveryCounts = noCounts();
  readonly #parts: DeliveryParts<E>;
  readonly #queue: BoundedQueue<E>;
  readonly #lanes: readonly Lane<E>[];
  readonly #held: HeldSpans | undefined;
  readonly #change = new Change();
  #isOpen = false;
  #isClosed = false;
  #wasComplete = true;
  /** Events that entered the queue; the n-th of them has position n - 1. */
  #entered = 0;
  /** Events before this position are sent without waiting for company. */
  #flushUpTo = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: DeliveryParts<E>) {
    this.#parts = parts;
    this.#queue = new BoundedQueue(parts.options.queueItems, parts.options.queueBytes, parts.budget);
    const senderParts = {
      ...parts,
      onRetry: (error: unknown, n: number) => parts.onFailure(error, 'retrying', n),
    };
    const { maxInFlight = 1, holdMs = 0 } = parts.plan ?? {};
    this.#lanes = Array.from({ length: maxInFlight }, () => new Lane(senderParts, this.#source()));
    if (holdMs > 0)
      this.#held = new HeldSpans(holdMs, newTimer, (event, bytes) => this.#unhold(event, bytes));
  }

  /** Accepts an event, or counts it as dropped when the queue is full. */
  offer(event: E): void {
    const bytes = bytesOf(event);
    if (!this.#makeRoom(bytes)) return;
    this.counts.accepted++;
    this.counts.queued++;
    if (this.#held?.offer(event as unknown as TracingEvent, bytes)) this.#queue.reserve(bytes);
    else {
      this.#queue.push(event, bytes);
      this.#noteEntered();
    }
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
      this.#flushUpTo = this.#entered;
      this.#pump();
      // Memory that other queues hold comes back without a word to this one.
      if (this.#queue.length > 0) await this.#change.next();
      else await new Promise((resolve) => setTimeout(resolve, MEMORY_POLL_MS).unref());
    }
  }

  /** Sends all that was accepted before the call. True when it was settled within the deadline. */
  async flush(deadlineMs: number): Promise<boolean> {
    this.#held?.releaseAll();
    const target = this.#entered;
    if (this.#oldestOpen() >= target) return true;
    this.#flushUpTo = target;
    for (const lane of this.#lanes) lane.hurry();
    this.#pump();
    await this.#change.until(() => this.#oldestOpen() >= target || this.#isClosed, deadlineMs);
    return this.#oldestOpen() >= target;
  }

  /**
   * Everything accepted and not settled, for a last write when the process ends; nothing is sent any more. What
   * became of it is told with {@link settleLeft}.
   */
  takeLeft(): E[] {
    this.#held?.releaseAll();
    this.#isClosed = true;
    const left = this.#lanes.flatMap((lane) => lane.batch);
    for (let event = this.#queue.shift(); event; event = this.#queue.shift()) left.push(event);
    return left;
  }

  /** Counts what {@link takeLeft} gave as delivered, or as lost with the process. */
  settleLeft(isDelivered: boolean): void {
    const left = this.counts.queued + this.counts.inFlight;
    Object.assign(this.counts, { queued: 0, inFlight: 0 });
    if (isDelivered) this.counts.delivered += left;
    else if (left > 0) this.#drop('process_exit', left);
  }

  /** Flushes, then gives up what is left and accepts nothing more. Safe to repeat. */
  async close(deadlineMs: number): Promise<boolean> {
    if (!this.#isClosed) {
      const isComplete = await this.flush(deadlineMs);
      this.#wasComplete &&= isComplete;
      this.#giveUpAll();
    }
    while (this.counts.inFlight > 0) await this.#change.next(); // the aborted send settles at once
    return this.#wasComplete;
  }

  #giveUpAll(): void {
    this.#isClosed = true;
    this.#stopTimer();
    for (const lane of this.#lanes) lane.close();
    const left = this.counts.queued;
    while (this.#queue.shift());
    this.counts.queued = 0;
    if (left > 0) this.#drop('shutdown', left);
    this.#change.notify();
  }

  #makeRoom(bytes: number): boolean {
    if (this.#isClosed) return this.#refuse('shutdown');
    for (;;) {
      const full = this.#queue.fullFor(bytes);
      if (!full) return true;
      if (this.#parts.options.whenFull === 'drop-newest') return this.#refuse(full);
      if (this.#queue.length === 0 && !this.#held?.releaseOldest()) return this.#refuse(full);
      this.#queue.shift();
      this.counts.queued--;
      this.#drop(full, 1);
      this.#change.notify();
    }
  }

  #refuse(reason: DropReason): false {
    this.counts.accepted++;
    this.#drop(reason, 1);
    return false;
  }

  #drop(reason: DropReason, count: number, error?: unknown): void {
    this.counts.dropped[reason] = (this.counts.dropped[reason] ?? 0) + count;
    this.#parts.onFailure(error, reason, count);
  }

  /** Position of the next event to be sent. */
  #next(): number {
    return this.#entered - this.#queue.length;
  }
  /** Position of the oldest event that is neither delivered nor dropped; held ones have no position yet. */
  #oldestOpen(): number {
    return Math.min(this.#next(), ...this.#lanes.map((lane) => lane.from));
  }

  #isBatchFull(): boolean {
    const { maxItems, maxBytes } = this.#parts.options;
    return this.#queue.length >= maxItems || this.#queue.bytes >= maxBytes;
  }

  #isDue(): boolean {
    return this.#queue.length > 0 && (this.#isBatchFull() || this.#next() < this.#flushUpTo);
  }

  #startTimer(): void {
    if (!this.#timer && this.#isOpen) this.#timer = newTimer(this.#due, this.#parts.options.maxDelayMs);
  }

  /** Made once: this is asked for each event. */
  readonly #due = (): void => {
    this.#timer = undefined;
    this.#flushUpTo = this.#entered;
    this.#pump();
  };

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #unhold(event: TracingEvent, bytes: number): void {
    this.#queue.pushReserved(event as unknown as E, bytes);
    this.#noteEntered();
  }

  #noteEntered(): void {
    this.#entered++;
    if (this.#isBatchFull()) this.#pump();
    else this.#startTimer();
  }
  /** Lets a free lane go on; the first one takes everything that a single one can carry. */
  #pump(): void {
    if (!this.#isOpen || this.#isClosed) return;
    this.#lanes.find((lane) => !lane.isBusy)?.start();
  }

  /** What the lanes take from, and where they tell what became of it. */
  #source(): LaneSource<E> {
    return {
      take: () => this.#take(),
      settle: (size, sent) => this.#settle(size, sent),
      idle: () => {
        if (this.#queue.length === 0) this.#stopTimer();
        else this.#startTimer();
      },
    };
  }

  /** The next batch when one is due. Where more is due, another lane takes that. */
  #take(): { batch: E[]; from: number } | undefined {
    if (this.#isClosed || !this.#isDue()) return undefined;
    const { maxItems, maxBytes } = this.#parts.options;
    const from = this.#next();
    const batch = this.#queue.take(maxItems, maxBytes);
    this.counts.queued -= batch.length;
    this.counts.inFlight += batch.length;
    if (this.#isDue()) this.#pump();
    return { batch, from };
  }

  #settle(size: number, { dropped, reason, error }: Sent): void {
    this.counts.inFlight -= size;
    this.counts.delivered += size - dropped;
    if (reason) this.#drop(reason, dropped, error);
    if (dropped < size) this.#parts.onSuccess();
    this.#change.notify();
  }
}

/** Outside the context of whoever emits, and without keeping the process. */
function newTimer(due: () => void, ms: number): NodeJS.Timeout {
  return runSilenced(() => setTimeout(due, timerMs(ms))).unref();
}
