/** An object of an event. */
export type PlainRecord = Record<string, unknown>;

export function isRecord(value: unknown): value is PlainRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A value as an attribute of a span: text, number, boolean or a list of these as it is, all else as JSON text, since
 * many receivers take no nested attributes. Undefined for null and undefined.
 */
export function flat(value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value) && value.length > 0 && value.every((item) => isScalar(item))) return value;
  return json(value);
}

function isScalar(value: unknown): boolean {
  return value !== null && ['string', 'number', 'boolean'].includes(typeof value);
}

/** JSON text; a text stays as it is. */
export function text(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : json(value);
}

/** Events are JSON-safe; one that a plugin made may not be. */
export function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return '[unreadable]';
  }
}

/** The value at a dotted path. */
export function at(holder: unknown, path: readonly string[]): unknown {
  let inner: unknown = holder;
  for (const key of path) inner = isRecord(inner) ? inner[key] : undefined;
  return inner;
}

/** Sets what is known. */
export function put(target: PlainRecord, key: string, value: unknown): void {
  if (value !== undefined && value !== null) target[key] = value;
}
