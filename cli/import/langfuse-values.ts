import { decodeEmbedded } from './embedded-json.ts';
import { BadRecord, isRecord, meaningful, type RawRecord, shown, textOf } from './record.ts';

const ISO = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)?$/;

/** An ISO time in microseconds since the epoch, UTC when it names no zone; undefined when absent. */
export function isoMicro(record: RawRecord, key: string): number | undefined {
  const value = record[key];
  if (value === undefined || value === null) return undefined;
  const match = typeof value === 'string' ? ISO.exec(value.trim()) : null;
  const seconds = match ? Date.parse(`${match[1]!.replace(' ', 'T')}${match[3] ?? 'Z'}`) : Number.NaN;
  if (Number.isNaN(seconds)) throw new BadRecord(`/${key}`, `an ISO time was expected, got ${shown(value)}`);
  return seconds * 1000 + Number((match?.[2] ?? '').padEnd(6, '0').slice(0, 6));
}

/** Like {@link isoMicro}, but a time must be there. */
export function requiredIsoMicro(record: RawRecord, key: string): number {
  const micro = isoMicro(record, key);
  if (micro === undefined) throw new BadRecord(`/${key}`, 'the time is missing');
  return micro;
}

/** Input or output: decoded where it is JSON in a string; undefined when absent or null. */
export function contentOf(record: RawRecord, key: string): unknown {
  const value = record[key];
  return value === null ? undefined : decodeEmbedded(value);
}

/** Metadata as an object; a text or list becomes its `value`. */
export function metadataOf(record: RawRecord): RawRecord {
  const value = contentOf(record, 'metadata');
  if (value === undefined || value === '') return {};
  return isRecord(value) ? value : { value };
}

/** The fields of a record that have no place of ours, by name, where they say something. */
export function leftovers(record: RawRecord, keys: readonly string[]): RawRecord {
  return meaningful(Object.fromEntries(keys.map((key) => [key, record[key]])));
}

/** The fields of ours that hold the text of a field of theirs; absent ones are left out. */
export function renamed<O extends string>(
  record: RawRecord,
  names: Record<string, O>,
): Partial<Record<O, string>> {
  const entries = Object.entries(names).map(([theirs, ours]) => [ours, textOf(record, theirs)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Partial<Record<O, string>>;
}
