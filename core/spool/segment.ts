import { join } from 'node:path';
import { segmentName } from './segment-head.ts';
import { Sequences } from './sequences.ts';

/** What is known of a segment file while the spool is open. */
export class Segment {
  readonly number: number;
  readonly spoolId: string;
  readonly path: string;
  readonly ackPath: string;
  readonly firstSequence: number;
  /** The sequence behind its last event. */
  endSequence: number;
  /** Events before this one belong to batches that are complete. */
  closedSequence: number;
  /** Where its last record ends. */
  bytes: number;
  /** Acks in its journal, in bytes. */
  ackBytes = 0;
  readonly settled = new Sequences();
  /** The first event that was not taken into memory, and where its record lies. */
  loadedSequence: number;
  loadedAt: number;
  /** Events that are being sent. */
  inFlight = 0;
  /** Nothing is written to it any more. */
  isFinished = false;

  constructor(directory: string, number: number, spoolId: string, firstSequence: number, headBytes: number) {
    const path = join(directory, segmentName(number, spoolId));
    this.number = number;
    this.spoolId = spoolId;
    this.path = `${path}.seg`;
    this.ackPath = `${path}.ack`;
    this.firstSequence = firstSequence;
    this.endSequence = firstSequence;
    this.closedSequence = firstSequence;
    this.loadedSequence = firstSequence;
    this.bytes = headBytes;
    this.loadedAt = headBytes;
  }

  /** Events that are neither delivered nor given up. */
  get left(): number {
    return this.endSequence - this.firstSequence - this.settled.size;
  }

  /** True when all events before this one are settled. */
  isSettledUpTo(sequence: number): boolean {
    return this.settled.firstMissing(this.firstSequence) >= sequence;
  }
}
