import type { Plugin } from '../contract/plugin.ts';
import type { Entry } from './entry-form.ts';
import type { Layer } from './layer.ts';
import { Origins } from './origins.ts';
import type { Path } from './path.ts';
import type { Place } from './place.ts';
import { isPlain, type Tree } from './plain.ts';

/** All layers as one. */
export interface Merged {
  value: Tree & { plugins: Record<string, Entry> };
  origins: Origins;
}

/** Lays the layers over each other, weakest first: objects merge by key, other values replace, null removes. */
export function mergeLayers(layers: readonly Layer[]): Merged {
  const value: Merged['value'] = { plugins: {} };
  const origins = new Origins();
  for (const { place, value: layer } of layers) {
    discardOptions(value.plugins, layer.plugins ?? {}, place, origins);
    mergeInto(value, layer, [], place, origins);
  }
  return { value, origins };
}

/** Options belong to a plugin: those of weaker layers go where a layer names another one. */
function discardOptions(
  entries: Record<string, Entry>,
  layer: Record<string, Entry | null>,
  place: Place,
  origins: Origins,
): void {
  for (const [key, entry] of Object.entries(layer)) {
    const before = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (!before?.use || !entry?.use || nameOf(before.use) === nameOf(entry.use)) continue;
    delete before.options;
    origins.remove(place, ['plugins', key, 'options']);
  }
}

/** The name by which a plugin goes: two copies of a plugin are the same one. */
export function nameOf(use: Plugin | string): string {
  return typeof use === 'string' ? use : use.name;
}

function mergeInto(target: Tree, layer: Tree, path: Path, place: Place, origins: Origins): void {
  for (const [key, value] of Object.entries(layer)) {
    const at = [...path, key];
    if (value === undefined) continue;
    if (value === null || (Object.hasOwn(target, key) && isPlain(target[key]) !== isPlain(value))) {
      delete target[key];
      origins.remove(place, at);
    }
    if (isPlain(value)) {
      // Only own keys: an inherited one, such as toString, must not be written into.
      if (!Object.hasOwn(target, key)) target[key] = {};
      mergeInto(target[key] as Tree, value, at, place, origins);
    } else {
      if (value !== null) target[key] = value;
      origins.say(place, at, value);
    }
  }
}

/** Gives what a layer took away its default again; what is there stays. */
export function restoreDefaults(
  target: Tree,
  defaults: Tree,
  place: Place,
  origins: Origins,
  path: Path = [],
): void {
  for (const [key, value] of Object.entries(defaults)) {
    const at = [...path, key];
    if (isPlain(value)) {
      target[key] ??= {};
      restoreDefaults(target[key] as Tree, value, place, origins, at);
    } else if (target[key] === undefined) {
      target[key] = value;
      origins.say(place, at, value);
    }
  }
}
