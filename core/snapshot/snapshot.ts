import { types } from 'node:util';
import { bytesWithin, cutText, wellFormed } from './bounded-text.ts';
import { builtInText, first, keyText, lengthOf } from './foreign-value.ts';

export { bytesOf, withBytes } from './event-bytes.ts';
export { deepFreeze } from './freeze.ts';

/** A place where a value was cut to fit the limits. */
export interface Cut {
  /** Dotted path from the record, such as `input.messages.3.content`; at most 1,024 characters of it. */
  path: string;
  reason: CutReason;
  /** How much there was: entries for `keys` and `items`; for `bytes` of a string its bytes, or characters if huge. */
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
/** Characters of a path, bytes of a key. */
const MAX_NAME = 1_024;
/** What an object or array, and each entry, costs beside its content: without it, nests of nothing have no bound. */
const OBJECT_BYTES = 16;
const ENTRY_BYTES = 3;
/** Text of larger integers takes long to make. */
const MAX_BIGINT = 2n ** 65_536n;
/** Of an error these matter and are not enumerable. */
const ERROR_KEYS = ['name', 'message', 'stack', 'cause', 'errors'];

/** An object that a value is in, and what that object is in. */
type Inside = { value: object; depth: number; outer: Inside } | undefined;

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
  /** The objects that the value being taken is in, innermost first. */
  #inside: Inside;
  /** The first keys of objects with too many: listing them is slow, and each item of a list may refer to the same one. */
  #wide: Map<object, { first: string[]; total: number }> | undefined;

  constructor(limits: SnapshotLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** A plain copy of any value. Never throws. */
  take(value: unknown, path: string): unknown {
    try {
      return this.#take(value, path);
    } catch {
      this.#inside = undefined;
      return this.#cut(path, 'unreadable', '[unreadable]');
    } finally {
      this.#wide = undefined;
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
        return Number.isFinite(value) ? value + 0 : String(value); // JSON has no -0
      case 'boolean':
        this.bytes += 4;
        return value;
      case 'bigint':
        return this.#bigint(value, path);
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
    const outer = this.#inside;
    for (let above = outer; above; above = above.outer)
      if (above.value === value) return this.#cut(path, 'circular', '[circular]');
    const depth = outer?.depth ?? 0;
    if (depth >= this.#limits.maxDepth) return this.#cut(path, 'depth', '[too deep]');
    if (this.bytes >= this.#limits.maxEventBytes) return this.#cut(path, 'bytes', '[cut]');
    this.bytes += OBJECT_BYTES;
    this.#inside = { value, depth: depth + 1, outer };
    const copy = this.#copy(value, path);
    this.#inside = outer;
    return copy;
  }

  #copy(value: object, path: string): unknown {
    if (Array.isArray(value)) return this.#array(value, lengthOf(value), path);
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      const text = builtInText(value);
      if (text !== undefined) return this.#string(text, path);
      if (value instanceof Error || types.isNativeError(value)) return this.#error(value, path);
      if (types.isMap(value)) return this.#map(value, path);
      if (types.isSet(value)) return this.#array(first(value, this.#limits.maxItems), value.size, path);
      if (types.isBoxedPrimitive(value)) return this.#take(value.valueOf(), path);
    }
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON !== 'function') return this.#record(value, path);
    const json = toJSON.call(value);
    return json === value ? this.#record(value, path) : this.#take(json, path);
  }

  #array(values: unknown[], total: number, path: string): unknown[] {
    const { maxItems, maxEventBytes } = this.#limits;
    const copy: unknown[] = [];
    for (let i = 0; i < Math.min(total, maxItems); i++) {
      if (this.bytes >= maxEventBytes) {
        this.#cut(path, 'bytes', undefined, total);
        return copy;
      }
      copy.push(this.#entry(values, i, path) ?? null);
    }
    if (total > maxItems) this.#cut(path, 'items', undefined, total);
    return copy;
  }

  #record(value: object, path: string): Record<string, unknown> {
    const known = this.#wide?.get(value);
    if (known) return this.#fields(value, known.first, known.total, path);
    const keys = Object.keys(value);
    if (keys.length > this.#limits.maxKeys) {
      this.#wide ??= new Map();
      this.#wide.set(value, { first: keys.slice(0, this.#limits.maxKeys), total: keys.length });
    }
    return this.#fields(value, keys, keys.length, path);
  }

  #map(map: Map<unknown, unknown>, path: string): Record<string, unknown> {
    const entries = first(map, this.#limits.maxKeys).map(([key, entry]) => [keyText(key), entry]);
    const fields = Object.fromEntries(entries);
    return this.#fields(fields, Object.keys(fields), map.size, path);
  }

  #error(error: Error, path: string): Record<string, unknown> {
    const keys = [...new Set([...ERROR_KEYS, ...Object.keys(error)])];
    return this.#fields(error, keys, keys.length, path);
  }

  #fields(holder: object, keys: string[], total: number, path: string): Record<string, unknown> {
    const { maxKeys, maxEventBytes } = this.#limits;
    const copy: Record<string, unknown> = {};
    for (const key of keys.length > maxKeys ? keys.slice(0, maxKeys) : keys) {
      if (this.bytes >= maxEventBytes) {
        this.#cut(path, 'bytes', undefined, total);
        return copy;
      }
      const entry = this.#entry(holder, key, path);
      if (entry !== undefined) copy[this.#key(key, path)] = entry;
    }
    if (total > maxKeys) this.#cut(path, 'keys', undefined, total);
    return copy;
  }

  /** One entry of an object; a getter that throws costs this entry only. */
  #entry(holder: object, key: string | number, path: string): unknown {
    const inside = this.#inside;
    this.bytes += ENTRY_BYTES;
    try {
      const entry = (holder as Record<string | number, unknown>)[key];
      // A path is built only where a cut could be reported.
      if (typeof entry === 'string') return this.#string(entry, path, key);
      if (typeof entry === 'number' || typeof entry === 'boolean') return this.#take(entry, path);
      return this.#take(entry, `${path}.${key}`);
    } catch {
      this.#inside = inside;
      return this.#cut(`${path}.${key}`, 'unreadable', '[unreadable]');
    }
  }

  #key(key: string, path: string): string {
    let plain = wellFormed(key);
    if (key.length > MAX_NAME) {
      this.#cut(`${path}.${key}`, 'bytes', undefined, key.length);
      plain = cutText(key, MAX_NAME);
    }
    this.bytes += plain.length;
    return plain === '__proto__' || plain === 'constructor' || plain === 'prototype' ? `_${plain}` : plain;
  }

  #bigint(value: bigint, path: string): string | undefined {
    if (value > MAX_BIGINT || value < -MAX_BIGINT) return this.#cut(path, 'bytes', '[huge integer]');
    return this.#string(value.toString(), path);
  }

  #string(text: string, path: string, key?: string | number): string {
    const { maxValueBytes, maxEventBytes } = this.#limits;
    const room = Math.min(maxValueBytes, Math.max(0, maxEventBytes - this.bytes));
    const bytes = bytesWithin(text, room);
    if (bytes <= room) {
      this.bytes += bytes;
      return wellFormed(text);
    }
    this.#cut(key === undefined ? path : `${path}.${key}`, 'bytes', undefined, bytes);
    const kept = cutText(text, room);
    this.bytes += Buffer.byteLength(kept);
    return kept;
  }

  #cut(path: string, reason: CutReason, mark: string | undefined, size?: number): string | undefined {
    if (this.cuts.length >= MAX_CUTS) return mark;
    const place = cutText(path, MAX_NAME);
    this.cuts.push(typeof size !== 'number' ? { path: place, reason } : { path: place, reason, size });
    return mark;
  }
}
