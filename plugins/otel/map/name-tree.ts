import type { Naming } from './conventions.ts';
import { flat, isRecord, type PlainRecord, put } from './plain.ts';

/** Names of attributes by key; keys of nested records have a tree of their own. */
export type NameTree = ReadonlyMap<string, string | NameTree>;
type Growing = Map<string, string | Growing>;

/** A naming by its keys, so that writing costs as much as there is and not as much as there could be. */
export function nameTree(naming: Naming): NameTree {
  const tree: Growing = new Map();
  for (const [attribute, path] of naming) {
    const keys = path.split('.');
    const last = keys.pop()!;
    let inner = tree;
    for (const key of keys) {
      const next = (inner.get(key) as Growing | undefined) ?? new Map();
      inner.set(key, next);
      inner = next;
    }
    inner.set(last, attribute);
  }
  return tree;
}

/** Writes the values of a record under their names. `free` is given those without one, with their path. */
export function putAll(
  named: PlainRecord,
  record: PlainRecord,
  names: NameTree,
  free: (path: string, value: unknown) => void = () => {},
  prefix = '',
): void {
  for (const key of Object.keys(record)) {
    const name = names.get(key);
    const value = record[key];
    if (typeof name === 'string') put(named, name, flat(value));
    else if (name && isRecord(value)) putAll(named, value, name, free, `${prefix}${key}.`);
    else free(prefix + key, value);
  }
}
