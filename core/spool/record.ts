import { crc32 } from './crc32.ts';

/**
 * How an event lies in a segment:
 *
 * | bytes | what |
 * | ----- | ---- |
 * | 4 | marker, which no payload can contain: its first byte is none of UTF-8 |
 * | 4 | CRC32 of everything behind it |
 * | 4 | length of the payload |
 * | 6 | sequence: how many events the spool took before |
 * | 4 | index in its batch: sequence - index is the batch |
 * | 2 | type of the event, by number |
 * | n | the event as JSON |
 */
export const MARKER = Buffer.from([0xf6, 0x6f, 0x62, 0x73]);
/** What a record costs beside its payload. */
export const RECORD_HEAD_BYTES = 24;

/** Numbers are for ever: new types go to the end. */
const TYPES = [
  'other',
  'span.started',
  'span.updated',
  'span.ended',
  'span.error',
  'metric',
  'log',
  'score',
  'feedback',
];

/** The place of an event among others. */
export interface Place {
  sequence: number;
  index: number;
}

/** A record that was found in some bytes. */
export interface FoundRecord extends Place {
  /** Where its payload begins, and where it ends. */
  from: number;
  end: number;
}

/** Writes a record into a buffer; gives where it ends. */
export function writeRecord(
  buffer: Buffer,
  at: number,
  { sequence, index }: Place,
  type: unknown,
  json: string,
): number {
  const end = at + RECORD_HEAD_BYTES + buffer.write(json, at + RECORD_HEAD_BYTES);
  MARKER.copy(buffer, at);
  buffer.writeUInt32LE(end - at - RECORD_HEAD_BYTES, at + 8);
  buffer.writeUIntLE(sequence, at + 12, 6);
  buffer.writeUInt32LE(index, at + 18);
  buffer.writeUInt16LE(Math.max(0, TYPES.indexOf(type as string)), at + 22);
  buffer.writeUInt32LE(crc32(buffer.subarray(at + 8, end)), at + 4);
  return end;
}

/** Where the record at a place ends by what its head says; undefined when that is not the head of this sequence. */
export function endByHead(bytes: Buffer, at: number, sequence: number): number | undefined {
  const head = at + RECORD_HEAD_BYTES;
  if (head > bytes.length || bytes.readUInt32LE(at) !== MARKER_NUMBER) return undefined;
  const end = head + bytes.readUInt32LE(at + 8);
  return end <= bytes.length && bytes.readUIntLE(at + 12, 6) === sequence ? end : undefined;
}

/** The record at a place; undefined when there is none, or one that is not whole. */
export function readRecord(bytes: Buffer, at: number): FoundRecord | undefined {
  const head = at + RECORD_HEAD_BYTES;
  if (head > bytes.length || bytes.readUInt32LE(at) !== MARKER_NUMBER) return undefined;
  const end = head + bytes.readUInt32LE(at + 8);
  if (end > bytes.length) return undefined;
  if (bytes.readUInt32LE(at + 4) !== crc32(bytes.subarray(at + 8, end))) return undefined;
  const sequence = bytes.readUIntLE(at + 12, 6);
  return { sequence, index: bytes.readUInt32LE(at + 18), from: head, end };
}

const MARKER_NUMBER = MARKER.readUInt32LE(0);
