import { endByHead, type FoundRecord, MARKER, RECORD_HEAD_BYTES, readRecord } from './record.ts';

/** What is done with what a scan finds. */
export interface ScanVisitor {
  record(record: FoundRecord): void;
  /** Bytes between two records that are none. */
  damaged(from: number, end: number): void;
}

/** What is behind the last record. */
export interface ScanEnd {
  /** Where it ends. */
  at: number;
  /**
   * `clean`: nothing is behind it. `torn`: the beginning of a record whose writing was cut short. `damaged`: something
   * else.
   */
  tail: 'clean' | 'torn' | 'damaged';
}

/** Goes through the records in some bytes, from one that begins at `from`; behind a damaged one it goes on with the next. */
export function scan(bytes: Buffer, from: number, visitor: ScanVisitor): ScanEnd {
  for (let at = from; ; ) {
    if (at >= bytes.length) return { at, tail: 'clean' };
    const record = readRecord(bytes, at);
    if (record) {
      visitor.record(record);
      at = record.end;
      continue;
    }
    const next = nextRecord(bytes, at + 1);
    if (next < 0) return { at, tail: isCutShort(bytes, at) ? 'torn' : 'damaged' };
    visitor.damaged(at, next);
    at = next;
  }
}

/**
 * How many records there are, where they fill the bytes and follow each other from a sequence on; undefined where anything
 * is amiss. It looks at their heads, and into the last one: what is damaged inside of the others is found when they are
 * read to be sent.
 */
export function countByHeads(bytes: Buffer, from: number, firstSequence: number): number | undefined {
  let sequence = firstSequence;
  let last: number | undefined;
  for (let at = from; at < bytes.length; sequence++) {
    const end = endByHead(bytes, at, sequence);
    if (end === undefined) return undefined;
    last = at;
    at = end;
  }
  // A length that is wrong may lead to the very end, over the heads in between.
  return last === undefined || readRecord(bytes, last) ? sequence - firstSequence : undefined;
}

/** Where the next whole record begins; -1 when there is none. */
function nextRecord(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(MARKER, from);
  while (at >= 0 && !readRecord(bytes, at)) at = bytes.indexOf(MARKER, at + 1);
  return at;
}

/** True when the bytes end inside what may have become a record. */
function isCutShort(bytes: Buffer, at: number): boolean {
  const left = bytes.length - at;
  const marker = bytes.subarray(at, Math.min(bytes.length, at + MARKER.length));
  if (MARKER.compare(marker, 0, marker.length, 0, marker.length) !== 0) return false;
  return left < RECORD_HEAD_BYTES || left < RECORD_HEAD_BYTES + bytes.readUInt32LE(at + 8);
}
