/** A place where a value was cut to fit the limits. */
export interface Cut {
  /** Dotted path from the record, such as `input.messages.3.content`. */
  path: string;
  reason: CutReason;
  /** How much there was: bytes for `bytes`, entries for `keys` and `items`. */
  size?: number;
}

/** Why something was cut: too many bytes, too deep, too many keys or items, or a value that JSON cannot hold. */
export type CutReason = 'bytes' | 'depth' | 'keys' | 'items' | 'circular' | 'unreadable';

/** Bounds of one event. The defaults are generous: people miss truncated prompts more than they mind bytes. */
export interface SnapshotLimits {
  /** UTF-8 bytes of one string value. Default 256 kB. */
  maxValueBytes: number;
  /** Bytes of one event, all fields together. Default 2 MB. */
  maxEventBytes: number;
  /** Levels of nesting. Default 12. */
  maxDepth: number;
  /** Keys of one object. Default 128. */
  maxKeys: number;
  /** Entries of one array. Default 1,000. */
  maxItems: number;
}

export const DEFAULT_LIMITS: SnapshotLimits = {
  maxValueBytes: 256_000,
  maxEventBytes: 2_000_000,
  maxDepth: 12,
  maxKeys: 128,
  maxItems: 1_000,
};

const MAX_CUTS = 16;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Makes the values of one event plain, bounded and JSON-safe, and keeps the account of bytes and cuts.
 * Reading a value can run foreign code (getters, Proxies, `toJSON`); whatever it throws ends up as a mark in the copy.
 */
export class Snapshot {
  /** What was cut so far; at most 16 places are named. */
  readonly cuts: Cut[] = [];
  /** Approximate size of what was taken so far, in bytes. */
  bytes = 0;
  readonly #limits: SnapshotLimits;
  readonly #ancestors: object[] = [];

  constructor(limits: SnapshotLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** A plain copy of any value. Never throws. */
  take(value: unknown, path: string): unknown {
    try {
      return this.#take(value, path);
    } catch {
      this.#ancestors.length = 0;
      return this.#cut(path, 'unreadable', '[unreadable]');
    }
  }

  /** The value as bounded, well-formed text. Never throws. */
  text(value: unknown, path: string): string {
    if (typeof value === 'string') return this.#string(value, path);
    const plain = this.take(value, path);
    return typeof plain === 'string' ? plain : (JSON.stringify(plain) ?? 'undefined');
  }

  #take(value: unknown, path: string): unknown {
    switch (typeof value) {
      case 'string':
        return this.#string(value, path);
      case 'number':
        this.bytes += 8;
        return Number.isFinite(value) ? value : String(value);
      case 'boolean':
        this.bytes += 4;
        return value;
      case 'bigint':
        return this.#string(value.toString(), path);
      case 'undefined':
        return undefined;
      case 'symbol':
        return this.#string(value.toString(), path);
      case 'function':
        return this.#string(`[function ${value.name || 'anonymous'}]`, path);
      default:
        return value === null ? null : this.#object(value as object, path);
    }
  }

  #object(value: object, path: string): unknown {
    if (this.#ancestors.includes(value)) return this.#cut(path, 'circular', '[circular]');
    if (this.#ancestors.length >= this.#limits.maxDepth) return this.#cut(path, 'depth', '[too deep]');
    if (this.bytes >= this.#limits.maxEventBytes) return this.#cut(path, 'bytes', '[cut]');
    this.#ancestors.push(value);
    const copy = this.#copy(value, path);
    this.#ancestors.pop();
    return copy;
  }

  #copy(value: object, path: string): unknown {
    if (Array.isArray(value)) return this.#array(value, path);
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.#record(value, path);
    if (value instanceof Date)
      return this.#string(Number.isNaN(+value) ? 'Invalid Date' : value.toISOString(), path);
    if (value instanceof Error) return this.#error(value, path);
    if (value instanceof Map) return this.#record(Object.fromEntries(value), path);
    if (value instanceof Set) return this.#array([...value], path);
    if (ArrayBuffer.isView(value))
      return this.#string(`[${prototype.constructor.name} ${value.byteLength} bytes]`, path);
    if (value instanceof RegExp || value instanceof URL) return this.#string(String(value), path);
    const toJSON = (value as { toJSON?: unknown }).toJSON;
    if (typeof toJSON === 'function') return this.#take(toJSON.call(value), path);
    return this.#record(value, path);
  }

  #array(values: unknown[], path: string): unknown[] {
    const { maxItems } = this.#limits;
    const copy: unknown[] = [];
    const length = Math.min(values.length, maxItems);
    for (let i = 0; i < length; i++) {
      if (this.bytes >= this.#limits.maxEventBytes) {
        this.#cut(path, 'bytes', undefined, values.length);
        return copy;
      }
      copy.push(this.#entry(values, i, path) ?? null);
    }
    if (values.length > maxItems) this.#cut(path, 'items', undefined, values.length);
    return copy;
  }

  #record(value: object, path: string): Record<string, unknown> {
    const { maxKeys, maxEventBytes } = this.#limits;
    const copy: Record<string, unknown> = {};
    const keys = Object.keys(value);
    const count = Math.min(keys.length, maxKeys);
    for (let i = 0; i < count; i++) {
      if (this.bytes >= maxEventBytes) {
        this.#cut(path, 'bytes', undefined, keys.length);
        return copy;
      }
      const key = keys[i]!;
      const entry = this.#entry(value, key, path);
      if (entry === undefined) continue;
      const plainKey = this.#string(key, path);
      copy[FORBIDDEN_KEYS.has(plainKey) ? `_${plainKey}` : plainKey] = entry;
    }
    if (keys.length > maxKeys) this.#cut(path, 'keys', undefined, keys.length);
    return copy;
  }

  /** One entry of an object; a getter that throws costs this entry only. */
  #entry(holder: object, key: string | number, path: string): unknown {
    const depth = this.#ancestors.length;
    try {
      const entry = (holder as Record<string | number, unknown>)[key];
      // A path is built only where a cut could be reported.
      if (typeof entry !== 'object' && typeof entry !== 'string') return this.#take(entry, path);
      return this.#take(entry, `${path}.${key}`);
    } catch {
      this.#ancestors.length = depth;
      return this.#cut(`${path}.${key}`, 'unreadable', '[unreadable]');
    }
  }

  #error(error: Error, path: string): unknown {
    const { name, message, stack, cause } = error;
    return this.#record({ ...error, name, message, stack, cause }, path);
  }

  #string(text: string, path: string): string {
    const { maxValueBytes, maxEventBytes } = this.#limits;
    const room = Math.min(maxValueBytes, Math.max(0, maxEventBytes - this.bytes));
    // A UTF-16 unit is at most three UTF-8 bytes, so short strings need no counting.
    if (text.length * 3 <= room) {
      this.bytes += text.length;
      return wellFormed(text);
    }
    // Counting the bytes of a text that is too long by its units alone would only cost time.
    const bytes = text.length > room ? text.length : Buffer.byteLength(text);
    if (bytes <= room) {
      this.bytes += bytes;
      return wellFormed(text);
    }
    this.#cut(path, 'bytes', undefined, bytes);
    const kept = cutText(text, room);
    this.bytes += Buffer.byteLength(kept);
    return kept;
  }

  #cut(path: string, reason: CutReason, mark: string | undefined, size?: number): string | undefined {
    if (this.cuts.length < MAX_CUTS)
      this.cuts.push(size === undefined ? { path, reason } : { path, reason, size });
    return mark;
  }
}

/** The first `maxBytes` UTF-8 bytes of a text, no character split; a copy that does not keep the long original alive. */
function cutText(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text.slice(0, maxBytes));
  let end = Math.min(maxBytes, bytes.length);
  while (end > 0 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** Lone surrogates become U+FFFD, so that the text survives UTF-8. */
function wellFormed(text: string): string {
  return (text as string & { toWellFormed(): string }).toWellFormed();
}

/** The approximate size of an event lies under this symbol; JSON and structured clone skip it. */
const BYTES = Symbol.for('obs.bytes');
/** Ids, times and names of an event that no snapshot counted. */
const ENVELOPE_BYTES = 200;

/** Notes how many bytes the payload of an event holds. */
export function withBytes<E extends object>(event: E, payloadBytes: number): E {
  (event as { [BYTES]?: number })[BYTES] = ENVELOPE_BYTES + payloadBytes;
  return event;
}

/** The approximate size of an event in bytes; of an event made elsewhere, by the length of its JSON. */
export function bytesOf(event: object): number {
  const known = (event as { [BYTES]?: number })[BYTES];
  if (known !== undefined) return known;
  try {
    return ENVELOPE_BYTES + JSON.stringify(event).length;
  } catch {
    return ENVELOPE_BYTES;
  }
}

/** Freezes an event through and through, so that a plugin that changes it fails by name. */
export function deepFreeze<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const entry of Object.values(value)) deepFreeze(entry);
  return value;
}
