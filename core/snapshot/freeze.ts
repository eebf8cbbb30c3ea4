/** Freezes an event through and through, so that a plugin that changes it fails by name. */
export function deepFreeze<V>(value: V): V {
  const pending: unknown[] = [value];
  const seen = new Set<object>();
  while (pending.length > 0) {
    const next = pending.pop();
    // Bytes cannot be frozen.
    if (typeof next !== 'object' || next === null || seen.has(next) || ArrayBuffer.isView(next)) continue;
    seen.add(Object.freeze(next));
    for (const entry of Object.values(next)) pending.push(entry);
  }
  return value;
}
