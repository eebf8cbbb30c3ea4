import type { ErrorCode } from '../errors.ts';
import type { Path } from './path.ts';
import { hasPartialReference, isReference, referenceIn } from './reference.ts';

/** An object with string keys that merges by key. */
export type Tree = Record<string, unknown>;

/** Takes note of a mistake at a path. */
export type Refuse = (code: ErrorCode, path: Path, message: string) => void;

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
const MAX_DEPTH = 64;

/** True for `{ ... }` as opposed to lists, references, functions and instances of classes. */
export function isPlain(value: unknown): value is Tree {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isReference(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  // A plain object of another realm has another Object.prototype, which has no prototype either.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * A copy of what a config says, so that nothing of the user's is changed. Texts of the form `"${env:X}"` become
 * references, entries that are undefined are left out, and what can never be accepted is refused: keys that reach
 * prototypes, circular values, values that throw when they are read.
 */
export function copyPlain(value: unknown, path: Path, refuse: Refuse, ancestors: object[] = []): unknown {
  if (typeof value === 'string') return copyText(value, path, refuse);
  if (!Array.isArray(value) && !isPlain(value)) return value;
  if (ancestors.includes(value) || ancestors.length >= MAX_DEPTH) {
    refuse('OBS_CONFIG_TYPE', path, 'expected plain data, got a value that contains itself or is too deep');
    return undefined;
  }
  const inner = [...ancestors, value];
  if (Array.isArray(value))
    return value.map((entry, index) => copyPlain(entry, [...path, `${index}`], refuse, inner));
  return copyObject(value, path, refuse, inner);
}

function copyObject(value: Tree, path: Path, refuse: Refuse, ancestors: object[]): Tree {
  const copy: Tree = {};
  for (const key of Object.keys(value)) {
    const at = [...path, key];
    if (FORBIDDEN.has(key)) {
      refuse('OBS_CONFIG_FORBIDDEN_KEY', at, `the key "${key}" is not accepted`);
      continue;
    }
    const entry = copyPlain(read(value, key, at, refuse), at, refuse, ancestors);
    if (entry !== undefined) copy[key] = entry;
  }
  return copy;
}

function read(value: Tree, key: string, path: Path, refuse: Refuse): unknown {
  try {
    return value[key];
  } catch {
    refuse('OBS_CONFIG_TYPE', path, 'expected plain data, got a getter that throws');
    return undefined;
  }
}

function copyText(text: string, path: Path, refuse: Refuse): unknown {
  if (hasPartialReference(text))
    refuse('OBS_CONFIG_TYPE', path, 'expected a reference to be the whole text, got it inside other text');
  return referenceIn(text) ?? text;
}

/** The value at a path, or undefined. */
export function valueAt(value: unknown, path: Path): unknown {
  let at: unknown = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Tree)[key];
  }
  return at;
}

/** Puts a value where one is. */
export function replaceAt(root: unknown, path: Path, value: unknown): void {
  const holder = valueAt(root, path.slice(0, -1)) as Tree | undefined;
  if (holder) holder[path.at(-1)!] = value;
}

/** Takes out the value at a path; where it is an entry of a list, the whole list. */
export function removeAt(root: unknown, path: Path): void {
  const holderPath = path.slice(0, -1);
  const holder = valueAt(root, holderPath);
  if (Array.isArray(holder)) removeAt(root, holderPath);
  else if (typeof holder === 'object' && holder !== null) delete (holder as Tree)[path.at(-1)!];
}
