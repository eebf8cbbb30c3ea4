import type { OtlpLog, OtlpSpan } from './encoder.ts';
import { json } from './map/plain.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** What one text may keep, in UTF-16 units: as much as fits. */
const CAPS = [262_144, 65_536, 16_384, 4_096, 1_024, 256, 32];

/**
 * A span or log whose texts are cut until it has about `maxBytes`, with `obs.truncated` set; its ids, times and short
 * values stay. What is cut ends in a mark that says how much is gone.
 */
export function shorten<R extends OtlpSpan | OtlpLog>(record: R, maxBytes: number): R {
  const cap = CAPS.find((limit) => sizeOf(cut(record, limit)) <= maxBytes) ?? CAPS.at(-1)!;
  return cut(record, cap);
}

function cut<R extends OtlpSpan | OtlpLog>(record: R, cap: number): R {
  const short = { ...record, attributes: { ...cutAll(record.attributes, cap), 'obs.truncated': true } };
  if ('body' in short && short.body !== undefined) short.body = cutValue(short.body, cap);
  if ('events' in short && short.events) {
    short.events = short.events.map((event) => ({
      ...event,
      ...(event.attributes && { attributes: cutAll(event.attributes, cap) }),
    }));
  }
  return short;
}

function cutAll(attributes: Attributes, cap: number): Attributes {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, cutValue(value, cap)]));
}

function cutValue(value: unknown, cap: number): unknown {
  if (typeof value === 'string') return cutText(value, cap);
  if (typeof value !== 'object' || value === null) return value;
  const written = json(value);
  return written.length > cap ? cutText(written, cap) : value;
}

function cutText(text: string, cap: number): string {
  return text.length > cap ? `${text.slice(0, cap)}…[${text.length - cap} characters cut]` : text;
}

function sizeOf({ attributes, ...rest }: OtlpSpan | OtlpLog): number {
  const events = 'events' in rest ? rest.events : undefined;
  const body = 'body' in rest ? rest.body : undefined;
  return Buffer.byteLength(json({ attributes, events, body }));
}
