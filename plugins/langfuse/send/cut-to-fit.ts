import type { Attributes } from '../map/attributes.ts';

/** No value is cut below this. */
const MIN_BYTES = 1_000;
/** What the mark of a cut needs, at most, and how many places are named. */
const MARK_BYTES = 600;
const MAX_NAMED = 8;

/**
 * The attributes with their longest texts cut, each with a visible mark, so that all are `excess` bytes smaller or a
 * little more. Undefined where cutting does not make them that small.
 */
export function cutToFit(attributes: Attributes, excess: number): Attributes | undefined {
  const lengths = new Map<string, number>();
  for (const [key, value] of Object.entries(attributes))
    if (typeof value === 'string') lengths.set(key, Buffer.byteLength(value));
  const limit = highestLimit([...lengths.values()], excess + MARK_BYTES);
  if (limit === undefined) return undefined;
  return cutAll(attributes, new Map([...lengths].filter(([, length]) => length > limit)), limit);
}

/** The most bytes that each text may keep so that cutting gains enough. */
function highestLimit(lengths: readonly number[], excess: number): number | undefined {
  const gained = (limit: number) => lengths.reduce((sum, length) => sum + Math.max(0, length - limit), 0);
  if (gained(MIN_BYTES) < excess) return undefined;
  let fits = MIN_BYTES;
  for (let tooHigh = Math.max(...lengths); tooHigh - fits > 1; ) {
    const middle = Math.floor((fits + tooHigh) / 2);
    if (gained(middle) >= excess) fits = middle;
    else tooHigh = middle;
  }
  return fits;
}

function cutAll(attributes: Attributes, tooLong: ReadonlyMap<string, number>, limit: number): Attributes {
  const cut: Attributes = { ...attributes };
  for (const [key, bytes] of tooLong) {
    const mark = `… [cut, ${bytes} bytes in all]`;
    const room = Math.max(0, limit - Buffer.byteLength(mark));
    cut[key] = `${firstBytes(cut[key] as string, room)}${mark}`;
  }
  const places = [...tooLong.keys()].slice(0, MAX_NAMED);
  cut['langfuse.observation.metadata.obs.truncated'] = places.join(', ').slice(0, MARK_BYTES / 2);
  return cut;
}

/** The first bytes of a text as UTF-8, no character split. */
function firstBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  let end = Math.min(maxBytes, bytes.length);
  while (end > 0 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
