import { crc32 } from './crc32.ts';
import type { Encoded } from './encode.ts';
import type { SpoolFiles } from './files.ts';
import type { FoundRecord } from './record.ts';
import { revive } from './revive.ts';
import { scan } from './scan.ts';
import type { Segment } from './segment.ts';
import { readBytes, run } from './steps.ts';

/** An event of the spool on its way out. */
export interface Stored<E> {
  event: E;
  segment: Segment;
  sequence: number;
}

/** Events to be sent together. */
export interface StoredBatch<E> {
  /** The same after any number of restarts. */
  id: string;
  events: Stored<E>[];
}

/** An event that waits: as it was written a moment ago, or as it lies in the file. */
type Waiting<E> = { sequence: number; index: number } & ({ event: E } | { payload: Buffer });

/** A complete batch in memory. */
interface Ready<E> {
  segment: Segment;
  first: number;
  waiting: Waiting<E>[];
  bytes: number;
}

/** What a backlog needs. */
export interface BacklogParts {
  files: SpoolFiles;
  /** In the order of sending; others add and remove. */
  segments: Segment[];
  /** Events just written that may stay in memory, in bytes; beyond that they are read back. */
  memoryBytes: number;
  /** Events of a batch. */
  maxItems: number;
  /** There may be a next batch. */
  onReady: () => void;
  /** Events that were written and cannot be read. */
  onLost: (segment: Segment, sequences: number[], damaged: Buffer[]) => void;
  onReadFailed: (error: unknown) => void;
}

const RETRY_MS = 1_000;

/** The batches of the spool in their order. What was written a moment ago is at hand; the rest is read segment by segment. */
export class Backlog<E extends object> {
  readonly #parts: BacklogParts;
  #ready: Ready<E>[] = [];
  #bytes = 0;
  /** The batch that is not complete, where all of it is at hand. */
  #open: Ready<E> | undefined;
  #isLoading = false;
  /** Everything that comes before what is being written is in the list of segments. */
  #isWhole = false;

  constructor(parts: BacklogParts) {
    this.#parts = parts;
  }

  /** What earlier processes left has been found. */
  found(): void {
    this.#isWhole = true;
  }

  /** Events were written to a segment, behind all others. */
  land(segment: Segment, records: readonly Encoded<E>[], startedAt: number): void {
    let at = startedAt;
    for (const { event, sequence, index, end } of records) {
      const bytes = startedAt + end - at;
      at = startedAt + end;
      if (index === 0) this.#begin(segment, sequence);
      if (!this.#open) continue;
      this.#open.waiting.push({ event, sequence, index });
      this.#open.bytes += bytes;
      this.#bytes += bytes;
      if (this.#bytes > this.#parts.memoryBytes) this.#forgetOpen();
    }
    this.#parts.onReady();
  }

  /** The batch that was being written is complete. */
  complete(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open) {
      open.segment.loadedSequence = open.first + open.waiting.length;
      open.segment.loadedAt += open.bytes;
      this.#ready.push(open);
    }
    this.#parts.onReady();
  }

  /** The next batch; undefined while there is none at hand. */
  next(): StoredBatch<E> | undefined {
    for (let ready = this.#ready.shift(); ready; ready = this.#ready.shift()) {
      this.#bytes -= ready.bytes;
      const batch = this.#batchOf(ready);
      if (batch) return batch;
    }
    void this.#load();
    return undefined;
  }

  /** A segment was given up. */
  forget(segment: Segment): void {
    this.#ready = this.#ready.filter((ready) => ready.segment !== segment);
    if (this.#open?.segment === segment) this.#open = undefined;
    this.#bytes = this.#ready.reduce((sum, { bytes }) => sum + bytes, this.#open?.bytes ?? 0);
  }

  /** A batch begins: it may stay at hand when everything before it is. */
  #begin(segment: Segment, first: number): void {
    if (this.#open) this.complete();
    const behind = this.#parts.segments.find((one) => one.loadedSequence < one.closedSequence);
    const isNext = segment.loadedSequence === first && (behind === undefined || behind === segment);
    const isIdle = this.#isWhole && !this.#isLoading;
    const isAtHand = isNext && isIdle && this.#bytes < this.#parts.memoryBytes;
    if (isAtHand) this.#open = { segment, first, waiting: [], bytes: 0 };
  }

  #forgetOpen(): void {
    this.#bytes -= this.#open?.bytes ?? 0;
    this.#open = undefined;
  }

  /** Puts what is more than one batch, as after a change of the options, back in parts. */
  #batchOf(ready: Ready<E>): StoredBatch<E> | undefined {
    const { maxItems } = this.#parts;
    if (ready.waiting.length > maxItems) {
      const rest = ready.waiting.splice(maxItems);
      const bytes = Math.ceil(ready.bytes / 2);
      this.#ready.unshift({ ...ready, waiting: rest, bytes });
      this.#bytes += bytes;
    }
    const { segment, first, waiting } = ready;
    const events = waiting.flatMap((one) => this.#revive(segment, one));
    return events.length === 0 ? undefined : { id: batchId(segment, first, events), events };
  }

  #revive(segment: Segment, waiting: Waiting<E>): Stored<E>[] {
    const { sequence } = waiting;
    try {
      const event = 'event' in waiting ? waiting.event : revive<E>(waiting.payload);
      return [{ event, segment, sequence }];
    } catch {
      this.#parts.onLost(segment, [sequence], 'payload' in waiting ? [waiting.payload] : []);
      return [];
    }
  }

  async #load(): Promise<void> {
    const { segments, files, onReady, onReadFailed } = this.#parts;
    const segment = segments.find((one) => one.loadedSequence < one.closedSequence);
    if (this.#isLoading || !segment) return;
    this.#isLoading = true;
    const end = { sequence: segment.closedSequence, at: segment.bytes };
    let waitMs = 0;
    try {
      const bytes = await run(readBytes(segment.path, segment.loadedAt, end.at), files);
      if (segments.includes(segment)) this.#take(segment, bytes, end.sequence);
    } catch (error) {
      waitMs = RETRY_MS;
      onReadFailed(error);
    }
    this.#isLoading = false;
    if (waitMs > 0) setTimeout(onReady, waitMs).unref();
    else onReady();
  }

  #take(segment: Segment, bytes: Buffer, closed: number): void {
    const records: FoundRecord[] = [];
    const damaged: Buffer[] = [];
    const scanned = scan(bytes, 0, {
      record: (record) => records.push(record),
      damaged: (from, end) => damaged.push(bytes.subarray(from, end)),
    });
    if (scanned.tail !== 'clean') damaged.push(bytes.subarray(scanned.at));
    const missing = new Set<number>();
    for (let n = segment.loadedSequence; n < closed; n++) if (!segment.settled.has(n)) missing.add(n);
    let end = 0;
    for (const record of records) {
      if (record.sequence >= closed) break;
      end = record.end;
      if (missing.delete(record.sequence))
        this.#add(segment, record, bytes.subarray(record.from, record.end));
    }
    segment.loadedSequence = closed;
    segment.loadedAt += end;
    if (missing.size > 0) this.#parts.onLost(segment, [...missing], damaged);
  }

  #add(segment: Segment, { sequence, index }: FoundRecord, payload: Buffer): void {
    const first = sequence - index;
    const last = this.#ready.at(-1);
    const isSame = last?.segment === segment && last.first === first;
    const ready = isSame ? last : { segment, first, waiting: [], bytes: 0 };
    if (!isSame) this.#ready.push(ready);
    ready.waiting.push({ sequence, index, payload });
    ready.bytes += payload.length;
    this.#bytes += payload.length;
  }
}

/** A batch of which something is settled has another id, made of what is left. */
function batchId({ spoolId }: Segment, first: number, events: readonly { sequence: number }[]): string {
  const isFromStart = events[0]!.sequence === first;
  const isGapless = events.at(-1)!.sequence - events[0]!.sequence === events.length - 1;
  const id = `${spoolId}-${first}`;
  if (isFromStart && isGapless) return `${id}-${events.length}`;
  return `${id}-${events.length}-${crc32(events.map(({ sequence }) => sequence).join()).toString(16)}`;
}
