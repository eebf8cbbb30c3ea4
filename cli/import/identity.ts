import { createHash } from 'node:crypto';

/** Gives an identity to a record of a file that has none of its own: 32 lower-case hex characters. */
export type Identify = (content: unknown, unixMicro: number) => string;

/**
 * Identities for the records of one file, made of their content alone, so that the same file read again gives the same
 * ones wherever a record stands. Equal records of one file are told apart by their number. Ids are time-ordered like
 * those made at run time: milliseconds since the epoch, then the hash.
 */
export function createIdentities(): Identify {
  const timesSeen = new Map<string, number>();
  return (content, unixMicro) => {
    const digest = sha256(canonicalJson(content));
    const number = timesSeen.get(digest) ?? 0;
    timesSeen.set(digest, number + 1);
    const ms = Math.max(1, Math.floor(unixMicro / 1000)) % 2 ** 48;
    return ms.toString(16).padStart(12, '0') + sha256(`${digest} ${number}`).slice(0, 20);
  };
}

/** A span id made of content: 16 lower-case hex characters. */
export function spanIdOf(...parts: (string | number)[]): string {
  return sha256(JSON.stringify(parts)).slice(0, 16);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON with sorted keys: the same for equal values. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
    return Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
