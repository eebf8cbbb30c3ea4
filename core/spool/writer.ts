import { type Encoded, type EncodedEvents, encodeEvents } from './encode.ts';
import { type BatchBounds, OpenBatch } from './open-batch.ts';
import { Segment } from './segment.ts';
import { encodeHead, SEGMENT_HEAD_BYTES } from './segment-head.ts';
import { call, create, makeDirectory, remove, type Steps, syncDirectory, writeAll } from './steps.ts';

/** What a writer needs. */
export interface WriterParts extends BatchBounds {
  /** Where its segments go; made when it is not there. */
  directory: string;
  fencing: number;
  /** True: what was written outlives a power cut. */
  isDisk: boolean;
  /** A segment of this size is the last but for what it has. */
  segmentBytes: number;
  /** The number of the first segment. */
  firstNumber: number;
  /** The batch that was being written is complete. */
  onBatchEnd: () => void;
}

/** Events that have their places and are to be written there; until {@link Writer.commit} nothing else knows of them. */
export interface Append<E> extends EncodedEvents<E> {
  /** Undefined until the segment for them has been made. */
  segment: Segment | undefined;
  batch: OpenBatch;
}

/** Appends events to segment files, one append at a time. The place of an event is known before it is written. */
export class Writer<E extends object> {
  readonly spoolId = process.getBuiltinModule('node:crypto').randomBytes(8).toString('hex');
  readonly #parts: WriterParts;
  #batch: OpenBatch;
  #number: number;
  #segment: Segment | undefined;
  #fd = -1;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#number = parts.firstNumber;
    this.#batch = new OpenBatch(parts);
  }

  /** The segment that is being written. */
  get segment(): Segment | undefined {
    return this.#segment;
  }

  get hasOpenBatch(): boolean {
    return this.#batch.items > 0;
  }

  get isBatchFull(): boolean {
    return this.#batch.isFull;
  }

  /** Gives events their places. */
  prepare(events: readonly E[]): Append<E> {
    const batch = this.#batch.copy();
    const full = this.#segment && this.#segment.bytes >= this.#parts.segmentBytes;
    const segment = full ? undefined : this.#segment;
    // A batch lies in one segment.
    if (!segment) batch.end();
    return { ...encodeEvents(events, (bytes) => batch.add(bytes)), segment, batch };
  }

  /** Writes them. After a failure, the same events may be prepared again. */
  *write(append: Append<E>): Steps<void> {
    if (append.records.length === 0) return;
    append.segment ??= yield* this.#begin();
    try {
      yield* writeAll(this.#fd, append.bytes, append.segment.bytes);
      if (this.#parts.isDisk) yield* call('fdatasync', this.#fd);
    } catch (error) {
      yield* this.#undo(append.segment);
      throw error;
    }
  }

  /** They are there: the next ones come behind them. */
  commit({ segment, batch, bytes, records }: Append<E>): readonly Encoded<E>[] {
    this.#batch = batch;
    if (!segment || records.length === 0) return [];
    segment.endSequence = batch.sequence;
    segment.bytes += bytes.length;
    segment.closedSequence = Math.max(segment.closedSequence, batch.first);
    return records;
  }

  /** The next event begins another batch; not to be called while an append is under way. */
  endBatch(): void {
    this.#batch.end();
    if (this.#segment) this.#segment.closedSequence = this.#segment.endSequence;
    this.#parts.onBatchEnd();
  }

  /** Nothing is written to the segment any more. */
  *finish(): Steps<void> {
    if (!this.#segment) return;
    this.endBatch();
    this.#segment.isFinished = true;
    this.#segment = undefined;
    const fd = this.#fd;
    this.#fd = -1;
    yield* call('close', fd);
  }

  *#begin(): Steps<Segment> {
    const { directory, fencing, isDisk } = this.#parts;
    const { spoolId } = this;
    const firstSequence = this.#batch.sequence;
    const segment = new Segment(directory, this.#number++, spoolId, firstSequence, SEGMENT_HEAD_BYTES);
    yield* makeDirectory(directory);
    const fd = yield* create(segment.path);
    try {
      yield* writeAll(fd, encodeHead({ fencing, spoolId, firstSequence }), 0);
      if (isDisk) yield* call('fdatasync', fd);
      if (isDisk) yield* syncDirectory(directory);
    } catch (error) {
      yield* call('close', fd);
      yield* remove(segment.path);
      throw error;
    }
    yield* this.finish();
    this.#segment = segment;
    this.#fd = fd;
    return segment;
  }

  /** Takes half of an append away again; where that cannot be, nothing more goes to this segment. */
  *#undo(segment: Segment): Steps<void> {
    try {
      yield* call('ftruncate', this.#fd, segment.bytes);
    } catch {
      yield* this.finish();
    }
  }
}
