import { BadRecord, isRecord, type RawRecord, shown } from './record.ts';

/** Attributes by key: OTLP has them as a list of `{ key, value: AnyValue }`. */
export function attributesOf(list: unknown): RawRecord {
  if (!Array.isArray(list)) return {};
  const entries = list.filter(isRecord).map(({ key, value }) => [String(key), anyValue(value)] as const);
  return Object.fromEntries(entries);
}

/**
 * The plain value of an OTLP `AnyValue`. A 64-bit integer that JavaScript cannot hold stays text, bytes stay base64,
 * an empty value is null.
 */
export function anyValue(value: unknown): unknown {
  if (!isRecord(value)) return null;
  const [kind, content] = Object.entries(value)[0] ?? [];
  switch (kind) {
    case 'intValue':
      return integer(content);
    case 'arrayValue':
      return listOf(content).map(anyValue);
    case 'kvlistValue':
      return attributesOf(listOf(content));
    default:
      return content ?? null;
  }
}

function listOf(holder: unknown): unknown[] {
  return isRecord(holder) && Array.isArray(holder['values']) ? holder['values'] : [];
}

/** A 64-bit integer, which OTLP/JSON writes as text: a number where that is exact, else the text. */
export function integer(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** An id as lower-case hex characters; undefined when absent or empty. Anything else leaves the record out. */
export function hexId(record: RawRecord, key: string, digits: 16 | 32): string | undefined {
  const value = record[key];
  if (value === undefined || value === null || value === '') return undefined;
  const id = typeof value === 'string' ? value.toLowerCase() : '';
  if (id.length !== digits || !/^[0-9a-f]+$/.test(id) || /^0+$/.test(id)) {
    throw new BadRecord(`/${key}`, `${digits} hex characters were expected, got ${shown(value)}`);
  }
  return id;
}

/** Like {@link hexId}, but an id must be there. */
export function requiredHexId(record: RawRecord, key: string, digits: 16 | 32): string {
  const id = hexId(record, key, digits);
  if (id === undefined) throw new BadRecord(`/${key}`, 'the id is missing');
  return id;
}

/** Beyond this a `Date` holds nothing. */
const MAX_UNIX_MICRO = 8.64e18;

/** Nanoseconds since the epoch, as text or number, in microseconds; undefined when absent or zero. */
export function unixMicro(record: RawRecord, key: string): number | undefined {
  const value = record[key];
  if (value === undefined || value === null || value === '') return undefined;
  const text =
    typeof value === 'number' && Number.isInteger(value) ? BigInt(value).toString() : String(value);
  const micro = /^\d{1,30}$/.test(text) ? Number(BigInt(text) / 1000n) : Number.NaN;
  if (!(micro <= MAX_UNIX_MICRO)) {
    throw new BadRecord(`/${key}`, `nanoseconds since the epoch were expected, got ${shown(value)}`);
  }
  return micro === 0 ? undefined : micro;
}

/** Like {@link unixMicro}, but a time must be there. */
export function requiredUnixMicro(record: RawRecord, key: string): number {
  const micro = unixMicro(record, key);
  if (micro === undefined) throw new BadRecord(`/${key}`, 'the time is missing');
  return micro;
}

/** An enum value, which comes as a number or, from older writers, as its name. */
export function enumNumber(value: unknown, names: readonly string[]): number {
  if (typeof value === 'number') return value;
  return Math.max(0, names.indexOf(String(value)));
}
