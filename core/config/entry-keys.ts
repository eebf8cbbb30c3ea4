import type { Layer } from './layer.ts';
import type { Merged } from './merge.ts';
import { labelOf, type Place } from './place.ts';
import { isPlain, type Tree } from './plain.ts';
import type { Finding } from './problems.ts';
import { didYouMean } from './suggest.ts';

/** The keys under which any of the overlays, as they were written, declares a plugin. */
export function declaredKeys(overlays: readonly unknown[]): Set<string> {
  const keys = new Set<string>();
  for (const overlay of overlays)
    for (const [key, entry] of Object.entries(pluginsOf(overlay)))
      if (entry !== null && (!isPlain(entry) || entry.use !== undefined)) keys.add(key);
  return keys;
}

/**
 * The entries that speak about no plugin: misspelled keys above all, which would otherwise change nothing unsaid.
 * `declared` has the keys of all overlays: an entry of another environment may be switched off or removed in this one.
 */
export function strayEntries(
  layers: readonly Layer[],
  merged: Merged,
  declared: ReadonlySet<string>,
): Finding[] {
  const plugins = new Map(Object.entries(merged.value.plugins));
  const keys = new Set(layers.flatMap((layer) => Object.keys(pluginsOf(layer.value))));
  const known = [...declaredKeys(layers.map((layer) => layer.value)), ...declared];
  return [...keys].flatMap((key) => {
    const entry = plugins.get(key);
    const isOff = entry?.enabled !== true;
    const stray = entry?.use || (isOff && declared.has(key)) ? undefined : firstStray(key, layers);
    return stray ? [findingOf(key, stray, known)] : [];
  });
}

/** A layer that speaks about an entry which is not there, or no more. */
interface Stray {
  place: Place;
  removedBy: Place | undefined;
}

/** Goes through the layers, weakest first, to the first one that speaks about an entry which is not there. */
function firstStray(key: string, layers: readonly Layer[]): Stray | undefined {
  let isThere = false;
  let removedBy: Place | undefined;
  for (const { place, value } of layers) {
    const entries = pluginsOf(value);
    if (!Object.hasOwn(entries, key)) continue;
    const entry = entries[key] as Tree | null;
    if (!isThere && !entry?.use) return { place, removedBy };
    isThere = entry !== null;
    if (!isThere) removedBy = place;
  }
  return undefined;
}

function findingOf(key: string, { place, removedBy }: Stray, known: readonly string[]): Finding {
  const path = ['plugins', key];
  const code = 'OBS_CONFIG_UNKNOWN_KEY';
  if (removedBy)
    return { place, code, path, message: `the entry "${key}" was removed by ${labelOf(removedBy)}` };
  if (place.layer === 'file') {
    const message = 'expected a plugin or its name in `use`, got nothing';
    return { place, code: 'OBS_CONFIG_TYPE', path, message };
  }
  const message = known.includes(key)
    ? `the entry "${key}" is declared for other environments only`
    : `no entry "${key}" is declared${didYouMean(key, known)}`;
  return { place, code, path, message };
}

function pluginsOf(layer: unknown): Tree {
  return isPlain(layer) && isPlain(layer.plugins) ? layer.plugins : {};
}
