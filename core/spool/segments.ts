import type { Tally } from '../delivery/counts.ts';
import type { Stored } from './backlog.ts';
import type { SpoolFiles } from './files.ts';
import { Journal } from './journal.ts';
import { quarantine } from './quarantine.ts';
import type { RecoveredSegment } from './recovery.ts';
import type { Segment } from './segment.ts';
import { run } from './steps.ts';

/** Why events of a segment are given up, how many, and the file or directory where to look. */
export type OnDropped = (reason: 'spool_full' | 'corrupt', count: number, where: string) => void;

/** What the segments of a spool need. */
export interface SegmentsParts {
  files: SpoolFiles;
  counts: Tally;
  onDropped: OnDropped;
  /** A segment is not there any more. */
  onGone: (segment: Segment) => void;
}

/** The segments of a spool, in the order of sending; each goes when all of its events are settled. */
export class Segments {
  readonly list: Segment[] = [];
  readonly journal: Journal;
  readonly #parts: SegmentsParts;

  constructor(parts: SegmentsParts) {
    this.#parts = parts;
    this.journal = new Journal(parts.files);
  }

  /** What they take on disk. */
  get bytes(): number {
    return this.list.reduce((sum, { bytes, ackBytes }) => sum + bytes + ackBytes, 0);
  }

  /** Adds the one that is being written. */
  add(segment: Segment): void {
    if (!this.list.includes(segment)) this.list.push(segment);
  }

  /** Adds one that an earlier process left. True when something of it is to be sent. */
  takeOver(recovered: RecoveredSegment, place: number): boolean {
    const { segment, lost, damaged } = recovered;
    this.#parts.counts.enter('spooled', segment.left);
    this.list.splice(place, 0, segment);
    if (lost.length > 0 || damaged.length > 0) this.lose(recovered);
    this.dropIfDone(segment);
    return this.list[place] === segment;
  }

  /** Asks, later, whether everything that is there now is settled. */
  mark(): () => boolean {
    const marked = this.list.map((segment) => ({ segment, end: segment.endSequence }));
    return () =>
      marked.every(({ segment, end }) => !this.list.includes(segment) || segment.isSettledUpTo(end));
  }

  /** Events of a batch are delivered or given up: they need not be sent again. */
  settle(events: readonly Stored<object>[]): void {
    const bySegment = new Map<Segment, number[]>();
    for (const { segment, sequence } of events) {
      segment.inFlight--;
      segment.settled.add(sequence);
      const sequences = bySegment.get(segment);
      if (sequences) sequences.push(sequence);
      else bySegment.set(segment, [sequence]);
    }
    for (const [segment, sequences] of bySegment) {
      this.journal.note(segment, sequences);
      this.dropIfDone(segment);
    }
  }

  /** Gives up events that were written and cannot be read; keeps what is left of them. */
  lose({ segment, lost, damaged }: RecoveredSegment): void {
    const { counts, files, onDropped } = this.#parts;
    for (const sequence of lost) segment.settled.add(sequence);
    counts.drop(lost.length, 'spooled', 'corrupt');
    if (lost.length > 0) this.journal.note(segment, lost);
    this.dropIfDone(segment);
    const kept = run(quarantine(segment, damaged), files).catch(() => segment.path);
    if (lost.length > 0) void kept.then((where) => onDropped('corrupt', lost.length, where));
  }

  /** Gives up the oldest of which nothing is being sent; false when there is none. */
  evictOldest(): boolean {
    const { counts, onDropped } = this.#parts;
    const segment = this.list.find(({ inFlight, isFinished }) => isFinished && inFlight === 0);
    if (!segment) return false;
    const { left } = segment;
    this.#forget(segment);
    counts.drop(left, 'spooled', 'spool_full');
    onDropped('spool_full', left, segment.path);
    return true;
  }

  dropIfDone(segment: Segment): void {
    if (segment.isFinished && segment.left === 0) this.#forget(segment);
  }

  #forget(segment: Segment): void {
    const place = this.list.indexOf(segment);
    if (place >= 0) this.list.splice(place, 1);
    this.#parts.onGone(segment);
    this.journal.discard(segment);
  }
}
