/** A value that OTLP has a kind for. */
export type OtlpValue = string | number | boolean | Uint8Array | OtlpValue[] | { [key: string]: OtlpValue };

/** Attributes by key, each with a value that OTLP has a kind for. */
export type OtlpAttributes = Record<string, OtlpValue>;

const MAX_DEPTH = 32;
const UNREADABLE = '[unreadable]';

/**
 * Attributes that the serializers can write without an empty value: what has no meaning on the wire (undefined, null,
 * functions) is left out, what has another form gets it. Gives back the same record where nothing had to change.
 * Never throws.
 */
export function otlpAttributes(given: Readonly<Record<string, unknown>>): OtlpAttributes {
  return isWritable(given) ? (given as OtlpAttributes) : copyOf(given, 0);
}

/** One value as OTLP can hold it; undefined where there is nothing to write. Never throws. */
export function otlpValue(value: unknown): OtlpValue | undefined {
  return read(() => value, 0);
}

/** Most records are: looking at them costs less than copying them. */
function isWritable(given: Readonly<Record<string, unknown>>): boolean {
  try {
    for (const key in given) {
      if (!Object.hasOwn(given, key) || !isWellFormed(key) || !isPlain(given[key])) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return isWellFormed(value);
    case 'number':
      return isExact(value);
    case 'boolean':
      return true;
    default:
      return Array.isArray(value) && value.every((item) => typeof item !== 'object' && isPlain(item));
  }
}

/** The serializers write whole numbers as 64-bit integers; beyond this JSON would hold another one. */
function isExact(value: number): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
}

function copyOf(given: object, depth: number): OtlpAttributes {
  // Without a prototype, `__proto__` is a key like any other.
  const copy: OtlpAttributes = Object.create(null);
  for (const key of keysOf(given)) {
    const value = read(() => (given as Record<string, unknown>)[key], depth);
    if (value !== undefined) copy[wellFormed(key)] = value;
  }
  return copy;
}

function keysOf(given: object): string[] {
  try {
    return Object.keys(given);
  } catch {
    return [];
  }
}

function read(get: () => unknown, depth: number): OtlpValue | undefined {
  try {
    return convert(get(), depth);
  } catch {
    return UNREADABLE;
  }
}

function convert(value: unknown, depth: number): OtlpValue | undefined {
  switch (typeof value) {
    case 'string':
      return wellFormed(value);
    case 'number':
      return isExact(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
    case 'object':
      return value === null ? undefined : convertObject(value, depth);
    default:
      return undefined;
  }
}

function convertObject(value: object, depth: number): OtlpValue | undefined {
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (value instanceof Uint8Array) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  if (value instanceof Map) return copyOf(Object.fromEntries(value), depth + 1);
  if (value instanceof Error) return wellFormed(`${value.name}: ${value.message}`);
  if (Array.isArray(value) || value instanceof Set) return listOf([...value], depth + 1);
  return copyOf(value, depth + 1);
}

/** The places in a list mean something, so what cannot be written is said rather than left out. */
function listOf(values: readonly unknown[], depth: number): OtlpValue[] {
  return values.map((value) => read(() => value, depth) ?? String(value));
}

// Of ES2024, which Node 20 has and the compiler's library does not list.
type UnicodeText = string & { isWellFormed(): boolean; toWellFormed(): string };

function isWellFormed(text: string): boolean {
  return (text as UnicodeText).isWellFormed();
}

/** Lone surrogates become U+FFFD: JSON would carry them as escapes, and receivers refuse the whole request. */
export function wellFormed(text: string): string {
  return (text as UnicodeText).toWellFormed();
}
