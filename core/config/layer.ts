import type * as z from 'zod';
import { type Entry, normaliseEntry } from './entry-form.ts';
import { mistakesOf } from './issues.ts';
import type { Path } from './path.ts';
import type { Place } from './place.ts';
import { isPlain, removeAt, type Tree } from './plain.ts';
import type { Problems } from './problems.ts';
import { isReference } from './reference.ts';
import type { Secrets } from './secrets.ts';

/** One layer in its normal form: only what was written, and only what is right. */
export interface Layer {
  place: Place;
  value: Tree & { plugins?: Record<string, Entry | null> };
}

/**
 * Brings a layer to its normal form and checks it by itself, so that each mistake is reported where it was written.
 * What is wrong is left out, so that one mistake does not cause others further on. `value` is a copy of ours.
 */
export function checkLayer(
  place: Place,
  value: Tree,
  schema: z.ZodType,
  problems: Problems,
  secrets: Secrets,
): Layer {
  normalise(value, place, problems);
  const issues = schema.safeParse(checkable(value)).error?.issues ?? [];
  const mistakes = issues.flatMap((issue) => mistakesOf(issue, schema, value, isHidden(secrets)));
  for (const { path, isUnknownKey, message } of mistakes) {
    problems.at(place)(isUnknownKey ? 'OBS_CONFIG_UNKNOWN_KEY' : 'OBS_CONFIG_TYPE', path, message);
    removeAt(value, path);
  }
  return { place, value };
}

/** Options are known to be secret or not only when their plugin is. */
function isHidden(secrets: Secrets): (path: Path) => boolean {
  return (path) => secrets.isSecret(path) || path[2] === 'options' || path[2] === 'processors';
}

/** Writes every short form in the long one. */
function normalise(value: Tree, place: Place, problems: Problems): void {
  if (isPlain(value.signals)) spellOut(value.signals);
  if (typeof value.redact === 'boolean') value.redact = { enabled: value.redact };
  if (typeof value.selfMetrics === 'boolean') value.selfMetrics = { enabled: value.selfMetrics };
  else if (isPlain(value.selfMetrics)) value.selfMetrics.enabled ??= true;
  if (!isPlain(value.plugins)) return;
  for (const [key, entry] of Object.entries(value.plugins))
    value.plugins[key] = normaliseEntry(entry, ['plugins', key], problems.at(place));
}

function spellOut(signals: Tree): void {
  for (const [signal, setting] of Object.entries(signals))
    if (typeof setting === 'boolean') signals[signal] = { enabled: setting };
}

/** The layer without what cannot be judged yet: references, and null, which takes away. Its keys stay. */
function checkable(value: unknown): unknown {
  if (value === null || isReference(value)) return undefined;
  if (Array.isArray(value)) return value.some(isReference) ? undefined : value;
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, checkable(entry)]));
}
