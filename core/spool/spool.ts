import { join } from 'node:path';
import type { PartialResult } from '../contract/send.ts';
import type { Tally } from '../delivery/counts.ts';
import { FullError } from '../delivery/outcome.ts';
import { Backlog, type Stored, type StoredBatch } from './backlog.ts';
import type { SpoolFiles } from './files.ts';
import { type RecoveredSegment, recoverSegments } from './recovery.ts';
import type { Segment } from './segment.ts';
import { parseSegmentName, SEGMENT_HEAD_BYTES } from './segment-head.ts';
import { type OnDropped, Segments } from './segments.ts';
import type { Slots } from './slots.ts';
import { namesIn, run, runSync, type Steps } from './steps.ts';
import { type Append, Writer } from './writer.ts';

/** A segment is full at this size; smaller where the quota is small, so that one of several can give way. */
const SEGMENT_BYTES = 4_000_000;
const MIN_SEGMENTS = 8;
/** Events just written that stay in memory for a destination that keeps up. */
const MEMORY_BYTES = 4_000_000;

/** What a spool needs. */
export interface SpoolParts {
  files: SpoolFiles;
  /** The name of its directory in a slot. */
  name: string;
  isDisk: boolean;
  /** Bytes that may lie in it. */
  maxBytes: number;
  whenFull: 'drop-oldest' | 'drop-newest';
  batch: { maxItems: number; maxBytes: number };
  counts: Tally;
  /** There may be a next batch. */
  onReady: () => void;
  /** Events that were in the spool had to be given up. */
  onDropped: OnDropped;
  onReadFailed: (error: unknown) => void;
}

/** Events in files, from the moment that they are written until they are settled. One signal of one entry. */
export class Spool<E extends object> {
  /** Events that earlier processes left. */
  recovered = 0;
  readonly #parts: SpoolParts;
  readonly #segments: Segments;
  readonly #backlog: Backlog<E>;
  #writer: Writer<E> | undefined;
  #append: Append<E> | undefined;
  #mustEndBatch = false;

  constructor(parts: SpoolParts) {
    const { files, batch, counts, onReady, onDropped, onReadFailed } = parts;
    this.#parts = parts;
    const onGone = (segment: Segment) => this.#backlog.forget(segment);
    this.#segments = new Segments({ files, counts, onDropped, onGone });
    this.#backlog = new Backlog({
      files,
      segments: this.#segments.list,
      memoryBytes: MEMORY_BYTES,
      maxItems: batch.maxItems,
      onReady,
      onLost: (segment, lost, damaged) => this.#segments.lose({ segment, lost, damaged }),
      onReadFailed,
    });
  }

  /** What it takes on disk. */
  get bytes(): number {
    return this.#segments.bytes;
  }

  /** Some events wait for company before they are sent. */
  get hasOpenBatch(): boolean {
    return this.#writer?.hasOpenBatch ?? false;
  }

  /** From now on it takes events. */
  *open({ own }: Slots): Steps<void> {
    const { name, batch, isDisk, maxBytes } = this.#parts;
    const directory = join(own.directory, name);
    const numbers = (yield* namesIn(directory)).map((file) => parseSegmentName(file)?.number ?? 0);
    this.#writer ??= new Writer<E>({
      ...batch,
      directory,
      fencing: own.fencing,
      isDisk,
      segmentBytes: Math.min(SEGMENT_BYTES, Math.floor(maxBytes / MIN_SEGMENTS)),
      firstNumber: Math.max(0, ...numbers) + 1,
      onBatchEnd: () => this.#backlog.complete(),
    });
  }

  /** Finds what earlier processes left in the slots; it is sent before anything new. */
  async recover({ own, adopted }: Slots): Promise<void> {
    const { files, name, onReadFailed } = this.#parts;
    let place = 0;
    for (const { directory } of [...adopted, own]) {
      const found: RecoveredSegment[] = [];
      const path = join(directory, name);
      const unreadable = ({ path: file, why }: { path: string; why: string }) =>
        onReadFailed(new Error(`${file} is left as it is: ${why}`));
      await run(
        recoverSegments(path, this.#writer?.spoolId, (recovered) => found.push(recovered), unreadable),
        files,
      ).catch(onReadFailed);
      for (const recovered of found) {
        this.recovered += recovered.segment.left;
        if (this.#segments.takeOver(recovered, place)) place++;
      }
    }
    this.#backlog.found();
  }

  /**
   * Writes events; they count when {@link commit} is called.
   * @throws FullError when there is no room, and what the file system says.
   */
  async append(events: readonly E[]): Promise<PartialResult> {
    const append = this.#prepare(events);
    this.#append = append;
    try {
      await run(this.#writer!.write(append), this.#parts.files);
    } catch (error) {
      this.#append = undefined;
      if (this.#mustEndBatch) this.endBatch();
      throw error;
    }
    return { rejected: append.rejected };
  }

  /** What was appended is in the spool. */
  commit(): void {
    const append = this.#append;
    this.#append = undefined;
    if (!append) return;
    const records = this.#writer!.commit(append);
    const { segment, bytes } = append;
    if (segment && records.length > 0) {
      this.#segments.add(segment);
      this.#backlog.land(segment, records, segment.bytes - bytes.length);
    }
    if (this.#mustEndBatch || this.#writer!.isBatchFull) this.endBatch();
  }

  /**
   * Writes events before it returns, at the end of a process. Those of an append that is under way get the places that
   * they have there.
   * @throws what the file system says.
   */
  appendLeft(events: readonly E[]): void {
    runSync(this.#writer!.write(this.#writer!.prepare(events)), this.#parts.files);
  }

  /** Notes what is settled and not noted, at the end of a process. */
  writeLeft(): void {
    this.#segments.journal.writeLeft();
  }

  /** What was written so far goes out without waiting for company. */
  endBatch(): void {
    // The places of an append that is under way are in the batch already.
    this.#mustEndBatch = this.#append !== undefined;
    if (!this.#mustEndBatch && this.hasOpenBatch) this.#writer!.endBatch();
  }

  /** The next batch to send; undefined while there is none at hand. */
  next(): StoredBatch<E> | undefined {
    const batch = this.#backlog.next();
    for (const { segment } of batch?.events ?? []) segment.inFlight++;
    return batch;
  }

  /** Events of a batch are delivered or given up: they need not be sent again. */
  settle(events: readonly Stored<E>[]): void {
    this.#segments.settle(events);
  }

  /** Asks, later, whether everything that is in the spool now is settled. */
  mark(): () => boolean {
    return this.#segments.mark();
  }

  /** Resolves once it is noted what is settled. */
  noted(deadlineMs: number): Promise<void> {
    return this.#segments.journal.settled(deadlineMs);
  }

  /** Lets go of its files. What is in it stays. */
  async close(deadlineMs: number): Promise<void> {
    const segment = this.#writer?.segment;
    if (segment) await run(this.#writer!.finish(), this.#parts.files).catch(() => undefined);
    if (segment) this.#segments.dropIfDone(segment);
    await this.#segments.journal.close(deadlineMs);
  }

  #prepare(events: readonly E[]): Append<E> {
    const append = this.#writer!.prepare(events);
    this.#makeRoom(append.bytes.length + (append.segment ? 0 : SEGMENT_HEAD_BYTES));
    return append;
  }

  /** @throws FullError */
  #makeRoom(bytes: number): void {
    const { maxBytes, whenFull, name } = this.#parts;
    while (this.bytes + bytes > maxBytes) {
      if (whenFull === 'drop-newest' || !this.#segments.evictOldest())
        throw new FullError(`the spool of ${name} is full: ${maxBytes} bytes`);
    }
  }
}
