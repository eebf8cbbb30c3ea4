import { Change } from '../delivery/change.ts';
import { ACK_BYTES, type Ack, acksOf, encodeAcks } from './acks.ts';
import type { SpoolFiles } from './files.ts';
import type { Segment } from './segment.ts';
import { call, openOrCreate, remove, run, runSync, type Steps, writeAll } from './steps.ts';

const RETRY_MS = 1_000;

/** Acks of a segment that are to be written. */
interface Due {
  segment: Segment;
  acks: Ack[];
}

/**
 * Notes which events are settled, each segment in a file of its own beside it, and removes both when nothing is left.
 * It never fails: what could not be noted is tried again, and what is never noted is sent again after the next start.
 */
export class Journal {
  readonly #files: SpoolFiles;
  readonly #fds = new Map<Segment, number>();
  readonly #change = new Change();
  #due: Due[] = [];
  #gone: Segment[] = [];
  #isRunning = false;
  #isFailing = false;

  constructor(files: SpoolFiles) {
    this.#files = files;
  }

  /** Events of a segment are settled; their sequences in order. */
  note(segment: Segment, sequences: readonly number[]): void {
    const due = this.#due.find((one) => one.segment === segment);
    if (due) due.acks.push(...acksOf(sequences));
    else this.#due.push({ segment, acks: acksOf(sequences) });
    this.#start();
  }

  /** A segment is not needed any more. */
  discard(segment: Segment): void {
    this.#gone.push(segment);
    this.#start();
  }

  /** Resolves once everything so far is written, or cannot be written for now; at the latest at the deadline. */
  settled(deadlineMs: number): Promise<void> {
    return this.#isRunning ? this.#change.until(() => !this.#isRunning, deadlineMs) : Promise.resolve();
  }

  /** Writes what is to be written, at the end of a process. Never throws. */
  writeLeft(): void {
    try {
      for (const due of this.#due) runSync(this.#write(due), this.#files);
      this.#due = [];
    } catch {
      // These events are sent again.
    }
  }

  /** Lets go of the files. */
  async close(deadlineMs: number): Promise<void> {
    await this.settled(deadlineMs);
    const fds = [...this.#fds.values()];
    this.#fds.clear();
    for (const fd of fds) await run(call('close', fd), this.#files).catch(() => undefined);
  }

  #start(): void {
    if (this.#isRunning || this.#isFailing) return;
    this.#isRunning = true;
    void this.#runAll();
  }

  async #runAll(): Promise<void> {
    try {
      for (let next = this.#next(); next; next = this.#next()) await run(next, this.#files);
    } catch {
      this.#retryLater();
    }
    this.#isRunning = false;
    this.#change.notify();
  }

  #next(): Steps<void> | undefined {
    const [due] = this.#due;
    if (due) return this.#write(due);
    const [gone] = this.#gone;
    return gone && this.#remove(gone);
  }

  /** What comes meanwhile goes to a new entry, so that after a failure the same bytes go to the same place. */
  *#write(due: Due): Steps<void> {
    const { segment, acks } = due;
    const bytes = encodeAcks(acks);
    const fd = this.#fds.get(segment) ?? (yield* openOrCreate(segment.ackPath));
    this.#fds.set(segment, fd);
    yield* writeAll(fd, bytes, segment.ackBytes);
    segment.ackBytes += bytes.length;
    due.acks = acks.slice(bytes.length / ACK_BYTES);
    this.#due = this.#due.filter((one) => one !== due || one.acks.length > 0);
  }

  /** The segment goes first: acks without one mean nothing. */
  *#remove(segment: Segment): Steps<void> {
    const fd = this.#fds.get(segment);
    this.#fds.delete(segment);
    if (fd !== undefined) yield* call('close', fd);
    yield* remove(segment.path);
    yield* remove(segment.ackPath);
    this.#gone = this.#gone.filter((one) => one !== segment);
    this.#due = this.#due.filter((one) => one.segment !== segment);
  }

  #retryLater(): void {
    this.#isFailing = true;
    setTimeout(() => {
      this.#isFailing = false;
      if (this.#due.length + this.#gone.length > 0) this.#start();
    }, RETRY_MS).unref();
  }
}
