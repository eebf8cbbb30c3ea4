/** Nesting beyond this many levels is not taken apart: whoever reads it later would run out of stack. */
export const MAX_DEPTH = 200;

/** True when a value is nested deeper than {@link MAX_DEPTH}. It goes level by level, so depth itself is no danger. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((part) => (typeof part === 'object' && part !== null ? Object.values(part) : []));
  }
  return false;
}
