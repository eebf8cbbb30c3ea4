import { join } from 'node:path';
import { ACK_BYTES, decodeAcks } from './acks.ts';
import { countByHeads, type ScanEnd, scan } from './scan.ts';
import { Segment } from './segment.ts';
import { decodeHead, parseSegmentName, SEGMENT_HEAD_BYTES } from './segment-head.ts';
import { codeOf, namesIn, type Room, readBytes, remove, type Steps } from './steps.ts';

/** A segment that was found, and what of it can never be sent. */
export interface RecoveredSegment {
  segment: Segment;
  /** Sequences of events whose records are damaged. */
  lost: number[];
  /** Bytes that are no records. */
  damaged: Buffer[];
}

/** What a file of a segment says about its neighbours. */
interface Read extends RecoveredSegment {
  /** Something behind its last record was damaged, so at least one event was there. */
  hasDamagedTail: boolean;
}

/** What was found of a file that is not for us. */
export interface Unreadable {
  path: string;
  why: string;
}

/**
 * The segments that earlier processes left in a directory, in the order of writing. It changes nothing but to remove
 * what is not needed any more, so it may be cut short anywhere and done again.
 * @param ownId the segments of this spool are left out: they are being written.
 */
export function* recoverSegments(
  directory: string,
  ownId: string | undefined,
  found: (recovered: RecoveredSegment) => void,
  unreadable: (file: Unreadable) => void,
): Steps<void> {
  const names = yield* namesIn(directory);
  const numbers = new Set(names.filter((name) => name.endsWith('.seg')).map((name) => name.slice(0, -4)));
  // Those of a segment that was removed.
  for (const name of names)
    if (name.endsWith('.ack') && !numbers.has(name.slice(0, -4))) yield* remove(join(directory, name));
  let before: Read | undefined;
  const room: Room = { bytes: Buffer.alloc(0) };
  for (const name of names) {
    const parsed = parseSegmentName(name);
    if (parsed?.kind !== 'seg' || parsed.spoolId === ownId) continue;
    const read = yield* tryRead(directory, name, before, { room, unreadable });
    if (before) found(before);
    before = read;
  }
  if (before?.hasDamagedTail) lose(before, before.segment.endSequence + 1);
  if (before) found(before);
}

function* tryRead(
  directory: string,
  name: string,
  before: Read | undefined,
  { room, unreadable }: { room: Room; unreadable: (file: Unreadable) => void },
): Steps<Read | undefined> {
  try {
    const read = yield* readSegment(directory, name, before, room);
    if (typeof read === 'object') return read;
    unreadable({ path: join(directory, name), why: read });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') unreadable({ path: join(directory, name), why: String(error) });
  }
  return undefined;
}

function* readSegment(
  directory: string,
  name: string,
  before: Read | undefined,
  room: Room,
): Steps<Read | string> {
  const { number, spoolId } = parseSegmentName(name)!;
  const bytes = yield* readBytes(join(directory, name), 0, Number.POSITIVE_INFINITY, room);
  const head = decodeHead(bytes);
  if (head === 'newer') return 'a newer release wrote it';
  const { sequences, damaged, end } = recordsOf(bytes, head === 'damaged' ? undefined : head.firstSequence);
  const follows = before?.segment.spoolId === spoolId && before.segment.number === number - 1;
  const known = head === 'damaged' ? (follows ? before?.segment.endSequence : undefined) : head.firstSequence;
  // The segment before was written to where this one begins.
  if (follows && known !== undefined && before) lose(before, known);
  const ackBytes = yield* readAcks(join(directory, name.replace('.seg', '.ack')));
  const acks = decodeAcks(ackBytes);
  // What was settled was there.
  const seen = known ?? sequences[0] ?? 0;
  const firstSequence = acks.reduce((least, { first }) => Math.min(least, first), seen);
  const segment = new Segment(directory, number, spoolId, firstSequence, SEGMENT_HEAD_BYTES);
  for (const { first, count } of acks) segment.settled.add(first, count);
  Object.assign(segment, {
    bytes: Math.max(segment.bytes, end.at),
    ackBytes: ackBytes.length - (ackBytes.length % ACK_BYTES),
    isFinished: true,
  });
  const read = { segment, lost: [], damaged, hasDamagedTail: end.tail === 'damaged' };
  if (end.tail === 'damaged') damaged.push(Buffer.from(bytes.subarray(end.at)));
  for (const sequence of sequences) {
    if (sequence >= segment.endSequence && lose(read, sequence)) segment.endSequence = sequence + 1;
  }
  for (const { first, count } of acks) segment.endSequence = Math.max(segment.endSequence, first + count);
  segment.closedSequence = segment.endSequence;
  return read;
}

/** What is in a segment: by the heads of its records where all is well, else by looking into each. */
function recordsOf(bytes: Buffer, firstSequence: number | undefined) {
  const sequences: number[] = [];
  const damaged: Buffer[] = [];
  const from = Math.min(bytes.length, SEGMENT_HEAD_BYTES);
  const count = firstSequence === undefined ? undefined : countByHeads(bytes, from, firstSequence);
  if (firstSequence !== undefined && count !== undefined) {
    for (let n = 0; n < count; n++) sequences.push(firstSequence + n);
    return { sequences, damaged, end: { at: bytes.length, tail: 'clean' } satisfies ScanEnd };
  }
  const end = scan(bytes, from, {
    record: ({ sequence }) => sequences.push(sequence),
    damaged: (start, to) => damaged.push(Buffer.from(bytes.subarray(start, to))),
  });
  return { sequences, damaged, end };
}

/**
 * All events up to a sequence are lost, but for those that were settled before. False for more events than the bytes can
 * ever have held: then that number means nothing.
 */
function lose({ segment, lost, damaged }: RecoveredSegment, end: number): boolean {
  const most = damaged.reduce((sum, { length }) => sum + length, segment.bytes);
  if (end - segment.endSequence > most) return false;
  if (end <= segment.endSequence) return true;
  for (let sequence = segment.endSequence; sequence < end; sequence++)
    if (!segment.settled.has(sequence)) lost.push(sequence);
  segment.endSequence = end;
  segment.closedSequence = end;
  return true;
}

function* readAcks(path: string): Steps<Buffer> {
  try {
    return yield* readBytes(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
