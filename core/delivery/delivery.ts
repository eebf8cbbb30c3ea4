import { runSilenced } from '../context.ts';
import type { PartialResult, Send } from '../plugin.ts';
import { bytesOf } from '../snapshot.ts';
import { backoffMs } from './backoff.ts';
import { type DeliveryCounts, type DropReason, noCounts } from './counts.ts';
import type { ResolvedDelivery } from './options.ts';
import { failureKind, PermanentError, retryAfterOf } from './outcome.ts';
import { BoundedQueue, type ByteBudget } from './queue.ts';
import { withTimeLimit } from './time-limit.ts';

/** What a delivery needs. */
export interface DeliveryParts<E extends object> {
  send: Send<E>;
  options: ResolvedDelivery;
  /** False: a send that may have arrived is not repeated. */
  isRedeliverySafe: boolean;
  budget: ByteBudget;
  /** Makes the id of a batch. */
  newBatchId: () => string;
  /** Told of every failed send and every drop, to count and to warn. */
  onFailure: (error: unknown, outcome: 'retrying' | DropReason, count: number) => void;
  onSuccess: () => void;
  random: () => number;
}

/**
 * Carries the events of one signal to one plugin: bounded queue, batches by count, bytes and delay, one send in
 * flight, retry with jitter. `offer` never waits and never throws; what is given up is counted by reason.
 */
export class Delivery<E extends object> {
  readonly counts: DeliveryCounts = noCounts();
  readonly #parts: DeliveryParts<E>;
  readonly #queue: BoundedQueue<E>;
  #isOpen = false;
  #isClosed = false;
  #isPumping = false;
  /** Events that entered the queue; the n-th of them has position n - 1. */
  #entered = 0;
  /** Events before this position are sent without waiting for company. */
  #flushUpTo = 0;
  /** Position of the first event of the batch in flight. */
  #inFlightFrom = 0;
  #timer: NodeJS.Timeout | undefined;
  #abort: AbortController | undefined;
  #wake: (() => void) | undefined;
  #watchers = new Set<() => void>();

  constructor(parts: DeliveryParts<E>) {
    this.#parts = parts;
    this.#queue = new BoundedQueue(parts.options.queueItems, parts.options.queueBytes, parts.budget);
  }

  /** Accepts an event, or counts it as dropped when the queue is full. */
  offer(event: E): void {
    const bytes = bytesOf(event);
    this.counts.accepted++;
    if (!this.#makeRoom(bytes)) return;
    this.#queue.push(event, bytes);
    this.#entered++;
    this.counts.queued++;
    if (this.#isBatchFull()) this.#pump();
    else this.#startTimer();
  }

  /** The plugin is ready: sends begin. Until then events wait. */
  open(): void {
    this.#isOpen = true;
    this.#pump();
  }

  /** True when a source may go on. */
  get isCalm(): boolean {
    return this.#isClosed || this.#queue.isCalm();
  }

  /** Resolves once the queue has room for a source to go on, or the delivery is closed. */
  async room(): Promise<void> {
    while (!this.isCalm) {
      this.#flushUpTo = this.#entered;
      this.#pump();
      await this.#change();
    }
  }

  /** Sends all that was accepted before the call. True when it was settled within the deadline. */
  async flush(deadlineMs: number): Promise<boolean> {
    const target = this.#entered;
    if (this.#oldestOpen() >= target) return true;
    this.#flushUpTo = target;
    this.#wake?.();
    this.#pump();
    return this.#settledWithin(target, deadlineMs);
  }

  /** Flushes, then gives up what is left and accepts nothing more. */
  async close(deadlineMs: number): Promise<boolean> {
    const isComplete = this.#isClosed || (await this.flush(deadlineMs));
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#wake?.();
    const left = this.counts.queued;
    while (this.#queue.shift());
    this.counts.queued = 0;
    if (left > 0) this.#drop('shutdown', left, undefined);
    while (this.counts.inFlight > 0) await this.#change(); // the aborted send settles at once
    this.#notify();
    return isComplete;
  }

  #makeRoom(bytes: number): boolean {
    if (this.#isClosed) return this.#drop('shutdown', 1, undefined);
    while (!this.#queue.hasRoomFor(bytes)) {
      const isOwnQueueFull = this.#queue.length > 0;
      if (!isOwnQueueFull) return this.#drop('memory_full', 1, undefined);
      if (this.#parts.options.whenFull === 'drop-newest') return this.#drop('queue_full', 1, undefined);
      this.#queue.shift();
      this.counts.queued--;
      this.#drop('queue_full', 1, undefined);
    }
    return true;
  }

  #drop(reason: DropReason, count: number, error: unknown): false {
    this.counts.dropped[reason] = (this.counts.dropped[reason] ?? 0) + count;
    this.#parts.onFailure(error, reason, count);
    return false;
  }

  /** Position of the next event to be sent. */
  #next(): number {
    return this.#entered - this.#queue.length;
  }

  /** Position of the oldest event that is neither delivered nor dropped. */
  #oldestOpen(): number {
    return this.counts.inFlight > 0 ? this.#inFlightFrom : this.#next();
  }

  #isBatchFull(): boolean {
    const { maxItems, maxBytes } = this.#parts.options;
    return this.#queue.length >= maxItems || this.#queue.bytes >= maxBytes;
  }

  #isDue(): boolean {
    return this.#queue.length > 0 && (this.#isBatchFull() || this.#next() < this.#flushUpTo);
  }

  #startTimer(): void {
    if (this.#timer || this.#isPumping || !this.#isOpen) return;
    const due = () => {
      this.#timer = undefined;
      this.#flushUpTo = this.#entered;
      this.#pump();
    };
    this.#timer = runSilenced(() => setTimeout(due, this.#parts.options.maxDelayMs)).unref();
  }

  #pump(): void {
    if (this.#isPumping || !this.#isOpen || this.#isClosed) return;
    this.#isPumping = true;
    // On a later turn: an emitter never pays for a send.
    runSilenced(() => setImmediate(() => this.#sendAll()));
  }

  async #sendAll(): Promise<void> {
    while (this.#isDue() && !this.#isClosed) {
      const { maxItems, maxBytes } = this.#parts.options;
      this.#inFlightFrom = this.#next();
      const batch = this.#queue.take(maxItems, maxBytes);
      this.counts.queued -= batch.length;
      this.counts.inFlight += batch.length;
      await this.#sendUntilSettled(batch);
      this.#notify();
    }
    this.#isPumping = false;
    if (this.#queue.length > 0 && !this.#isClosed) this.#startTimer();
  }

  async #sendUntilSettled(batch: E[]): Promise<void> {
    const batchId = this.#parts.newBatchId();
    const { retry } = this.#parts.options;
    const startedAt = performance.now();
    for (let attempt = 1; !this.#isClosed; attempt++) {
      const outcome = await this.#attempt(batch, batchId, attempt);
      if (outcome === 'done') return;
      const elapsedMs = performance.now() - startedAt;
      const reason = this.#giveUpReason(outcome.error, elapsedMs);
      if (reason) return this.#settle(batch.length, 0, reason, outcome.error);
      this.#parts.onFailure(outcome.error, 'retrying', batch.length);
      await this.#pause(
        backoffMs(attempt, retry, retryAfterOf(outcome.error), this.#parts.random),
        outcome.error,
      );
    }
    this.#settle(batch.length, 0, 'shutdown', undefined);
  }

  #giveUpReason(error: unknown, elapsedMs: number): DropReason | undefined {
    if (this.#isClosed) return 'shutdown';
    const kind = failureKind(error);
    if (kind === 'permanent') return 'rejected';
    if (kind === 'ambiguous' && !this.#parts.isRedeliverySafe) return 'ambiguous';
    return elapsedMs >= this.#parts.options.retry.maxElapsedMs ? 'retry_exhausted' : undefined;
  }

  async #attempt(batch: E[], batchId: string, attempt: number): Promise<'done' | { error: unknown }> {
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const sent = this.#parts.send(batch, { abortSignal: abort.signal, batchId, attempt });
      const result = await withTimeLimit(sent, abort, this.#parts.options.timeoutMs);
      const rejected = (result as PartialResult | undefined)?.rejected ?? [];
      if (rejected.length > 0) {
        const { reason } = rejected[0]!;
        this.#settle(rejected.length, batch.length - rejected.length, 'rejected', new PermanentError(reason));
      } else this.#settle(0, batch.length, undefined, undefined);
      return 'done';
    } catch (error) {
      return { error };
    } finally {
      this.#abort = undefined;
    }
  }

  #settle(dropped: number, delivered: number, reason: DropReason | undefined, error: unknown): void {
    this.counts.inFlight -= dropped + delivered;
    this.counts.delivered += delivered;
    if (reason) this.#drop(reason, dropped, error);
    if (delivered > 0) this.#parts.onSuccess();
  }

  /** Waits before the next attempt; a flush cuts the wait short unless the destination asked for it. */
  #pause(ms: number, error: unknown): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.#wake = () => {
        if (retryAfterOf(error) !== undefined && !this.#isClosed) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const watcher = () => {
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  async #settledWithin(target: number, deadlineMs: number): Promise<boolean> {
    let isLate = false;
    // Holds the process on purpose: somebody is waiting for this flush.
    const timer = setTimeout(() => {
      isLate = true;
      this.#notify();
    }, deadlineMs);
    while (this.#oldestOpen() < target && !isLate && !this.#isClosed) await this.#change();
    clearTimeout(timer);
    return this.#oldestOpen() >= target;
  }
}
