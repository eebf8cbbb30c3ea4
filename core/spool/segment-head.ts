import { crc32 } from './crc32.ts';

/** What a segment file begins with. */
export interface SegmentHead {
  /** The number of the lock under which it was written: of two writers, the one with the higher number is right. */
  fencing: number;
  /** 16 hex characters: one opening of a spool. */
  spoolId: string;
  /** The sequence of its first event. */
  firstSequence: number;
}

const MAGIC = 'obsspool';
const VERSION = 1;
export const SEGMENT_HEAD_BYTES = 40;

export function encodeHead({ fencing, spoolId, firstSequence }: SegmentHead): Buffer {
  const head = Buffer.alloc(SEGMENT_HEAD_BYTES);
  head.write(MAGIC, 0, 'latin1');
  head.writeUInt16LE(VERSION, 8);
  head.writeUInt32LE(fencing, 10);
  head.writeUIntLE(firstSequence, 14, 6);
  head.write(spoolId, 20, 'latin1');
  head.writeUInt32LE(crc32(head.subarray(0, 36)), 36);
  return head;
}

/** The head of a segment; `damaged` when it is none, `newer` for the format of a later release. */
export function decodeHead(bytes: Buffer): SegmentHead | 'damaged' | 'newer' {
  if (bytes.length < SEGMENT_HEAD_BYTES || bytes.readUInt32LE(36) !== crc32(bytes.subarray(0, 36)))
    return 'damaged';
  if (bytes.toString('latin1', 0, 8) !== MAGIC) return 'damaged';
  if (bytes.readUInt16LE(8) > VERSION) return 'newer';
  return {
    fencing: bytes.readUInt32LE(10),
    firstSequence: bytes.readUIntLE(14, 6),
    spoolId: bytes.toString('latin1', 20, 36),
  };
}

/** The name of a segment file without its ending; names sort in the order of writing. */
export function segmentName(number: number, spoolId: string): string {
  return `${String(number).padStart(10, '0')}-${spoolId}`;
}

const NAME = /^(\d{10})-([0-9a-f]{16})\.(seg|ack)$/;

/** What a name of a file says; undefined for a file of something else. */
export function parseSegmentName(
  name: string,
): { number: number; spoolId: string; kind: 'seg' | 'ack' } | undefined {
  const [, number, spoolId, kind] = NAME.exec(name) ?? [];
  return spoolId === undefined ? undefined : { number: Number(number), spoolId, kind: kind as 'seg' | 'ack' };
}
