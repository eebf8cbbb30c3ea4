import { types } from 'node:util';

/** The text for an object of a built-in class that is worth a text and no list of its fields; undefined for others. */
export function builtInText(value: object): string | undefined {
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value))
    return `[${value.constructor.name} ${value.byteLength} bytes]`;
  const isText = types.isRegExp(value) || value instanceof URL || value instanceof URLSearchParams;
  return isText ? String(value) : undefined;
}

/** The length of an array as a number; of a Proxy it can be anything. */
export function lengthOf(values: unknown[]): number {
  return Math.min(Number(values.length) || 0, 2 ** 32);
}

/** The first values, without looking at the rest. */
export function first<V>(values: Iterable<V>, count: number): V[] {
  const taken: V[] = [];
  for (const value of values) {
    if (taken.length >= count) break;
    taken.push(value);
  }
  return taken;
}

/** The key of a Map as text. Never throws. */
export function keyText(key: unknown): string {
  try {
    return String(key);
  } catch {
    return '[unreadable]';
  }
}
