import { ObsError } from '../errors.ts';
import type { SpoolFiles } from '../spool/files.ts';
import type { SpoolHome, Turn } from '../spool/home.ts';
import { Spool } from '../spool/spool.ts';
import { run, runSync } from '../spool/steps.ts';
import type { Circuit } from './circuit.ts';
import type { DropReason, Tally } from './counts.ts';
import { Delivery } from './delivery.ts';
import { Drain } from './drain.ts';
import type { Heir } from './heir.ts';
import { Intake } from './intake.ts';
import type { ResolvedDelivery } from './options.ts';
import type { DeliveryParts } from './parts.ts';

/** What a delivery with a spool needs. */
export interface SpooledParts<E extends object> extends DeliveryParts<E> {
  files: SpoolFiles;
  home: SpoolHome;
  /** The name of its directory in a slot. */
  name: string;
  counts: Tally;
  /** The spool cannot be opened, written or read. */
  onSpoolFailed: (error: Error) => void;
  /** It can again. */
  onSpoolHealed: () => void;
}

/** What is written together, at the latest after this time, in at most so many bytes and events. */
const COMMIT = { maxDelayMs: 25, maxBytes: 256_000, maxItems: 4_096 };
/** A disk that is full or away is asked again soon: meanwhile events wait in memory. */
const COMMIT_RETRY = {
  initialDelayMs: 100,
  factor: 2,
  maxDelayMs: 2_000,
  maxElapsedMs: Number.POSITIVE_INFINITY,
  breakAfter: Number.POSITIVE_INFINITY,
  probeMs: 2_000,
};
const FIRST_OPEN_RETRY_MS = 1_000;
const LAST_OPEN_RETRY_MS = 30_000;

/**
 * A delivery whose events are written to a spool before they are sent, so that they outlive the process. In front is a
 * delivery to the spool, with its bounds, its shedding and its retries; behind it, a drain to the destination. Where the
 * spool takes nothing, as with a disk that is full, events go from memory to the drain.
 */
export class SpooledDelivery<E extends object> {
  readonly counts: Tally;
  readonly level: 'os' | 'disk';
  readonly #parts: SpooledParts<E>;
  readonly #front: Delivery<E>;
  readonly #spool: Spool<E>;
  readonly #drain: Drain<E>;
  readonly #intake: Intake<E>;
  readonly #turn: Turn;
  #isStarted = false;
  #mayDrain = { started: false, recovered: false };
  #closing: Promise<boolean> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(parts: SpooledParts<E>) {
    const { files, name, options, counts, plan, onFailure } = parts;
    this.#parts = parts;
    this.counts = counts;
    this.level = options.durability === 'disk' ? 'disk' : 'os';
    this.#spool = new Spool<E>({
      files,
      name,
      isDisk: this.level === 'disk',
      maxBytes: options.spoolBytes,
      whenFull: options.whenFull,
      batch: { maxItems: options.maxItems, maxBytes: options.maxBytes },
      counts,
      onReady: () => this.#drain.pump(),
      onDropped: (reason, count, where) => this.#dropped(reason, count, where),
      onReadFailed: (error) => this.#intake.failed(error),
    });
    this.#drain = new Drain<E>({ ...parts, counts }, this.#spool);
    this.#intake = new Intake<E>(this.#spool, this.#drain, { ...parts, counts });
    this.#front = new Delivery<E>({
      ...parts,
      counts,
      options: frontOptions(options),
      plan: { holdMs: plan?.holdMs ?? 0 },
      isRedeliverySafe: true,
      send: (batch, { abortSignal }) => this.#intake.take(batch, abortSignal),
      landing: () => this.#intake.landing,
      onLanded: () => this.#intake.landed(),
      onSuccess: () => {},
      onFailure: (error, outcome, count) => {
        // What keeps the spool from writing was said when it happened.
        if (outcome !== 'retrying' && outcome !== 'paused') onFailure(error, outcome, count);
      },
    });
    this.#turn = parts.home.use(name);
  }

  get circuit(): Circuit {
    return this.#drain.circuit;
  }

  /** Events that earlier processes left. */
  get recovered(): number {
    return this.#spool.recovered;
  }

  /** Accepts an event, or counts it as dropped when the queue before the spool is full. */
  offer(event: E): void {
    this.#front.offer(event);
  }

  /** Opens the spool: from now on events are written, and those of earlier processes are found. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    void this.#openSpool(FIRST_OPEN_RETRY_MS);
  }

  /** The plugin is ready: sends begin. */
  open(): void {
    this.start();
    this.#mayDrain.started = true;
    this.#openDrain();
  }

  /** True when a source may go on with an event of this size. */
  isCalmFor(bytes: number): boolean {
    return this.#front.isCalmFor(bytes) && this.#hasRoom();
  }

  /** Resolves once a source may go on with an event of this size, or the delivery is closed. */
  async room(bytes: number): Promise<void> {
    while (!this.#hasRoom()) await this.#drain.changed();
    await this.#front.room(bytes);
  }

  /**
   * Writes all that was accepted before the call, and with `until: 'delivered'` tries to deliver it. True when nothing of
   * it lies in memory only.
   */
  async flush(deadlineMs: number, until: 'stored' | 'delivered' = 'delivered'): Promise<boolean> {
    const endsAt = performance.now() + deadlineMs;
    const isWritten = await this.#front.flush(deadlineMs);
    if (until === 'delivered' || this.#drain.looseItems > 0)
      await this.#drain.flush(Math.max(0, endsAt - performance.now()));
    return isWritten && this.#drain.looseItems === 0;
  }

  /**
   * Flushes, accepts nothing more and leaves the rest in the spool; what is in memory only goes to the `heir`, if there
   * is one. Safe to repeat.
   */
  close(deadlineMs: number, heir?: Heir<E>): Promise<boolean> {
    this.#closing ??= this.#close(deadlineMs, heir);
    return this.#closing;
  }

  /** Writes what is in memory before it returns, at the end of a process; counts what cannot be written. Never throws. */
  writeLeft(): void {
    const left = this.#front.takeLeft();
    const loose = this.#drain.takeLoose();
    const isWritten = this.#tryWriteLeft([...left, ...loose]);
    this.#front.settleLeft(isWritten ? 'spooled' : 'lost');
    if (isWritten) this.counts.move(loose.length, 'inFlight', 'spooled');
    else this.counts.drop(loose.length, 'inFlight', 'process_exit');
    this.#spool.writeLeft();
  }

  #tryWriteLeft(events: readonly E[]): boolean {
    if (events.length === 0) return true;
    try {
      if (!this.#intake.isOpen) runSync(this.#spool.open(this.#parts.home.openSync()), this.#parts.files);
      this.#spool.appendLeft(events);
      return true;
    } catch (error) {
      this.#intake.failed(error);
      return false;
    }
  }

  async #close(deadlineMs: number, heir: Heir<E> | undefined): Promise<boolean> {
    const endsAt = performance.now() + deadlineMs;
    const left = () => Math.max(0, endsAt - performance.now());
    const isComplete = await this.flush(deadlineMs);
    const isWritten = await this.#front.close(left(), heir);
    clearTimeout(this.#retry);
    await this.#drain.close(heir);
    await this.#spool.close(left());
    if (heir?.takesSpool) this.counts.handOn(this.counts.spooled, 'spooled');
    await this.#turn.end();
    return isComplete && isWritten;
  }

  #hasRoom(): boolean {
    return this.#closing !== undefined || this.#spool.bytes * 2 <= this.#parts.options.spoolBytes;
  }

  async #openSpool(retryMs: number): Promise<void> {
    const { home, files } = this.#parts;
    await this.#turn.begun;
    try {
      const slots = await home.open();
      await run(this.#spool.open(slots), files);
      this.#intake.open();
      this.#front.open();
      await this.#spool.recover(slots);
      this.#mayDrain.recovered = true;
      this.#openDrain();
    } catch (error) {
      this.#intake.failed(error);
      this.#front.open();
      this.#mayDrain.recovered = true;
      this.#openDrain();
      if (this.#closing) return;
      const later = () => void this.#openSpool(Math.min(retryMs * 2, LAST_OPEN_RETRY_MS));
      this.#retry = setTimeout(later, retryMs).unref();
    }
  }

  #openDrain(): void {
    if (this.#mayDrain.started && this.#mayDrain.recovered) this.#drain.open();
  }

  #dropped(reason: Extract<DropReason, 'spool_full' | 'corrupt'>, count: number, where: string): void {
    const corrupt = () =>
      new ObsError('OBS_SPOOL_CORRUPT', `records were damaged; what is left of them: ${where}`);
    this.#parts.onFailure(reason === 'corrupt' ? corrupt() : undefined, reason, count);
    this.#drain.notify();
  }
}

function frontOptions(options: ResolvedDelivery): ResolvedDelivery {
  const maxDelayMs = Math.min(options.maxDelayMs, COMMIT.maxDelayMs);
  // Nothing is gained by asking a disk twice while it has not answered.
  return { ...options, ...COMMIT, maxDelayMs, timeoutMs: Number.POSITIVE_INFINITY, retry: COMMIT_RETRY };
}
