import { messageOf } from '../errors.ts';
import { type Place, RECORD_HEAD_BYTES, writeRecord } from './record.ts';

/** An event as it lies in a segment. */
export interface Encoded<E> extends Place {
  event: E;
  /** Where its record ends, from the beginning of the bytes. */
  end: number;
}

/** Events as bytes to append, and those that JSON cannot hold. */
export interface EncodedEvents<E> {
  bytes: Buffer;
  records: Encoded<E>[];
  rejected: { index: number; reason: string }[];
}

/** Makes bytes of events; `placeOf` says where an event of a size comes. */
export function encodeEvents<E extends object>(
  events: readonly E[],
  placeOf: (bytes: number) => Place,
): EncodedEvents<E> {
  const rejected: { index: number; reason: string }[] = [];
  const texts = events.map((event, index) => {
    try {
      const text: string | undefined = JSON.stringify(event);
      if (typeof text === 'string') return { event, text, size: RECORD_HEAD_BYTES + Buffer.byteLength(text) };
      rejected.push({ index, reason: 'it is nothing in JSON' });
    } catch (error) {
      rejected.push({ index, reason: messageOf(error) });
    }
    return undefined;
  });
  const kept = texts.filter((text) => text !== undefined);
  const bytes = Buffer.allocUnsafe(kept.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  const records = kept.map(({ event, text, size }) => {
    const place = placeOf(size);
    at = writeRecord(bytes, at, place, (event as { type?: unknown }).type, text);
    return { ...place, event, end: at };
  });
  return { bytes, records, rejected };
}
