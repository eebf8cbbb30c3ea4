import type { Attributes } from './map.ts';

/** No value is cut below this. */
const MIN_BYTES = 1_000;

/**
 * The attributes with their longest texts cut, each with a visible mark, so that all are about `excess` bytes smaller.
 * Undefined where cutting does not make them that small.
 */
export function cutToFit(attributes: Attributes, excess: number): Attributes | undefined {
  const lengths = new Map<string, number>();
  for (const [key, value] of Object.entries(attributes))
    if (typeof value === 'string') lengths.set(key, Buffer.byteLength(value));
  const longest = Math.max(0, ...lengths.values());
  for (let limit = longest; limit > MIN_BYTES; limit = Math.max(MIN_BYTES, Math.floor(limit * 0.8))) {
    const tooLong = [...lengths].filter(([, length]) => length > limit);
    const gained = tooLong.reduce((sum, [, length]) => sum + length - limit, 0);
    if (gained > excess) return cutAll(attributes, new Map(tooLong), limit);
  }
  return undefined;
}

function cutAll(attributes: Attributes, tooLong: ReadonlyMap<string, number>, limit: number): Attributes {
  const cut: Attributes = { ...attributes };
  for (const [key, bytes] of tooLong) {
    const mark = `… [cut, ${bytes} bytes in all]`;
    const room = Math.max(0, limit - Buffer.byteLength(mark));
    cut[key] = `${firstBytes(cut[key] as string, room)}${mark}`;
  }
  cut['langfuse.observation.metadata.obs.truncated'] = [...tooLong.keys()].join(', ');
  return cut;
}

/** The first bytes of a text as UTF-8, no character split. */
function firstBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  let end = Math.min(maxBytes, bytes.length);
  while (end > 0 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
