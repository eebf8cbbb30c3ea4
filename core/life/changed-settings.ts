import { isPlain, type Tree } from '../config/plain.ts';
import type { ResolvedConfig } from '../config/resolved.ts';
import { isSame } from '../entry/same-entry.ts';

/** The dotted keys of all settings, entries apart, that two configs give different values to. */
export function changedSettings(before: ResolvedConfig, after: ResolvedConfig): string[] {
  return differing(settingsOf(before), settingsOf(after), []);
}

/** Named as they are written. */
function settingsOf({ plugins: _, file: __, resource, ...settings }: ResolvedConfig): Tree {
  const { serviceName: name, serviceVersion: version, attributes } = resource;
  return { service: { name, version, attributes }, ...settings };
}

function differing(before: unknown, after: unknown, path: readonly string[]): string[] {
  if (isSame(before, after)) return [];
  if (!isPlain(before) || !isPlain(after)) return [path.join('.')];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => differing(before[key], after[key], [...path, key]));
}
