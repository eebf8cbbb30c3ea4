import { timerMs } from '../clock.ts';
import { runSilenced } from '../context.ts';
import { bytesOf } from '../snapshot.ts';
import { Change } from './change.ts';
import { type DeliveryCounts, type DropReason, noCounts } from './counts.ts';
import { BoundedQueue, type ByteBudget } from './queue.ts';
import { Sender, type SenderParts, type Sent } from './sender.ts';

/** What a delivery needs. */
export interface DeliveryParts<E extends object> extends Omit<SenderParts<E>, 'onRetry'> {
  budget: ByteBudget;
  /** Told of every failed send and every drop, to count and to warn. */
  onFailure: (error: unknown, outcome: 'retrying' | DropReason, count: number) => void;
  onSuccess: () => void;
}

/** Sends that never wait for anything would keep the event loop from the application: after this long it has its turn. */
const SLICE_MS = 10;
/** How often a source looks whether other queues gave memory back. */
const MEMORY_POLL_MS = 50;

/**
 * Carries the events of one signal to one plugin: bounded queue, batches by count, bytes and delay, one send in
 * flight, retry with jitter. `offer` never waits and never throws; what is given up is counted by reason.
 */
export class Delivery<E extends object> {
  readonly counts: DeliveryCounts = noCounts();
  readonly #parts: DeliveryParts<E>;
  readonly #queue: BoundedQueue<E>;
  readonly #sender: Sender<E>;
  readonly #change = new Change();
  #isOpen = false;
  #isClosed = false;
  #wasComplete = true;
  #isPumping = false;
  /** Events that entered the queue; the n-th of them has position n - 1. */
  #entered = 0;
  /** Events before this position are sent without waiting for company. */
  #flushUpTo = 0;
  /** Position of the first event of the batch in flight. */
  #inFlightFrom = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: DeliveryParts<E>) {
    this.#parts = parts;
    this.#queue = new BoundedQueue(parts.options.queueItems, parts.options.queueBytes, parts.budget);
    this.#sender = new Sender({ ...parts, onRetry: (error, n) => parts.onFailure(error, 'retrying', n) });
  }

  /** Accepts an event, or counts it as dropped when the queue is full. */
  offer(event: E): void {
    const bytes = bytesOf(event);
    if (!this.#makeRoom(bytes)) return;
    this.#queue.push(event, bytes);
    this.#entered++;
    this.counts.accepted++;
    this.counts.queued++;
    if (this.#isBatchFull()) this.#pump();
    else this.#startTimer();
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
      this.#flushUpTo = this.#entered;
      this.#pump();
      // Memory that other queues hold comes back without a word to this one.
      if (this.#queue.length > 0) await this.#change.next();
      else await new Promise((resolve) => setTimeout(resolve, MEMORY_POLL_MS).unref());
    }
  }

  /** Sends all that was accepted before the call. True when it was settled within the deadline. */
  async flush(deadlineMs: number): Promise<boolean> {
    const target = this.#entered;
    if (this.#oldestOpen() >= target) return true;
    this.#flushUpTo = target;
    this.#sender.hurry();
    this.#pump();
    return this.#settledWithin(target, deadlineMs);
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
    this.#sender.close();
    const left = this.counts.queued;
    while (this.#queue.shift());
    this.counts.queued = 0;
    if (left > 0) this.#drop('shutdown', left, undefined);
    this.#change.notify();
  }

  #makeRoom(bytes: number): boolean {
    if (this.#isClosed) return this.#refuse('shutdown');
    for (;;) {
      const full = this.#queue.fullFor(bytes);
      if (!full) return true;
      if (this.#queue.length === 0 || this.#parts.options.whenFull === 'drop-newest')
        return this.#refuse(full);
      this.#queue.shift();
      this.counts.queued--;
      this.#drop(full, 1, undefined);
      this.#change.notify();
    }
  }

  #refuse(reason: DropReason): false {
    this.counts.accepted++;
    this.#drop(reason, 1, undefined);
    return false;
  }

  #drop(reason: DropReason, count: number, error: unknown): void {
    this.counts.dropped[reason] = (this.counts.dropped[reason] ?? 0) + count;
    this.#parts.onFailure(error, reason, count);
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

  /** Called for each event, so the closures are made apart: a function that makes one takes memory at every call. */
  #startTimer(): void {
    if (!this.#timer && this.#isOpen) this.#timer = this.#newTimer();
  }

  #newTimer(): NodeJS.Timeout {
    const due = () => {
      this.#timer = undefined;
      this.#flushUpTo = this.#entered;
      this.#pump();
    };
    return runSilenced(() => setTimeout(due, timerMs(this.#parts.options.maxDelayMs))).unref();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #pump(): void {
    if (!this.#isPumping && this.#isOpen && !this.#isClosed) this.#startSending();
  }

  /** On a later turn: an emitter never pays for a send. */
  #startSending(): void {
    this.#isPumping = true;
    runSilenced(() => setImmediate(() => this.#sendAll()));
  }

  async #sendAll(): Promise<void> {
    let turnAt = performance.now();
    while (this.#isDue() && !this.#isClosed) {
      const { maxItems, maxBytes } = this.#parts.options;
      this.#inFlightFrom = this.#next();
      const batch = this.#queue.take(maxItems, maxBytes);
      this.counts.queued -= batch.length;
      this.counts.inFlight += batch.length;
      this.#settle(batch.length, await this.#sender.send(batch));
      this.#change.notify();
      if (performance.now() - turnAt < SLICE_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      turnAt = performance.now();
    }
    this.#isPumping = false;
    if (this.#queue.length === 0) this.#stopTimer();
    else this.#startTimer();
  }

  #settle(size: number, { dropped, reason, error }: Sent): void {
    this.counts.inFlight -= size;
    this.counts.delivered += size - dropped;
    if (reason) this.#drop(reason, dropped, error);
    if (dropped < size) this.#parts.onSuccess();
  }

  async #settledWithin(target: number, deadlineMs: number): Promise<boolean> {
    let isLate = false;
    const giveUp = () => {
      isLate = true;
      this.#change.notify();
    };
    // Holds the process on purpose: somebody is waiting for this flush.
    const timer = setTimeout(giveUp, timerMs(deadlineMs));
    while (this.#oldestOpen() < target && !isLate && !this.#isClosed) await this.#change.next();
    clearTimeout(timer);
    return this.#oldestOpen() >= target;
  }
}
