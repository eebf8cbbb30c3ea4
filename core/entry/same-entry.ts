import { isPlain } from '../config/plain.ts';
import type { EnabledEntry, ResolvedConfig } from '../config/resolved.ts';

/** True when an entry would run as it did: it says the same, and its plugin would be told the same about the host. */
export function isSameEntry(
  before: EnabledEntry,
  beforeIn: ResolvedConfig,
  after: EnabledEntry,
  afterIn: ResolvedConfig,
): boolean {
  return isSame(before, after) && isSame(toldOf(beforeIn), toldOf(afterIn));
}

/** What plugins are told, and keep. */
function toldOf({ resource, dataDir, environment }: ResolvedConfig) {
  return { resource, dataDir, environment };
}

/**
 * Lists and plain objects are the same when what is in them is. Anything else, as a function or an instance of a class,
 * only when it is the very same: what it does, or holds in private, cannot be looked at.
 */
export function isSame(before: unknown, after: unknown): boolean {
  if (Object.is(before, after)) return true;
  if (Array.isArray(before) && Array.isArray(after)) return haveSameKeys(before, after);
  return isPlain(before) && isPlain(after) && haveSameKeys(before, after);
}

function haveSameKeys(before: object, after: object): boolean {
  const keys = Object.keys(before);
  const isIn = (key: string) =>
    Object.hasOwn(after, key) && isSame(before[key as never], after[key as never]);
  return keys.length === Object.keys(after).length && keys.every(isIn);
}
