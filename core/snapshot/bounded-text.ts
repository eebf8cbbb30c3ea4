/** Strings up to this length are counted by their characters; counting bytes costs more than reading them. */
const MAX_UNCOUNTED = 256;

/** The UTF-8 bytes of a text; of one that fits into `room` by far, or not at all, its characters. */
export function bytesWithin(text: string, room: number): number {
  // One UTF-16 unit is one to three UTF-8 bytes.
  if (text.length > room || (text.length <= MAX_UNCOUNTED && text.length * 3 <= room)) return text.length;
  return Buffer.byteLength(text);
}

/** The first `maxBytes` UTF-8 bytes of a text, no character split; a copy that does not keep the long original alive. */
export function cutText(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text.slice(0, maxBytes));
  let end = Math.min(maxBytes, bytes.length);
  while (end > 0 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** Lone surrogates become U+FFFD, so that the text survives UTF-8. */
export function wellFormed(text: string): string {
  return (text as string & { toWellFormed(): string }).toWellFormed();
}
