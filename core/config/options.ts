import * as z from 'zod';
import type { OptionsSchema, Plugin } from '../contract/plugin.ts';
import { messageOf } from '../errors.ts';
import { once } from '../once.ts';
import { type CheckContext, type Checked, check } from './check.ts';
import { unknownKey } from './issues.ts';
import type { Path } from './path.ts';
import { BUILT_IN, type Place } from './place.ts';
import { isPlain, valueAt } from './plain.ts';
import type { Finding } from './problems.ts';
import { dropsUnknownKeys, keysAt } from './zod-shape.ts';

/** A plugin that declares no options accepts none. */
const noOptions = once((): OptionsSchema => z.strictObject({}));

const CODES = { unknownKey: 'OBS_PLUGIN_OPTIONS', type: 'OBS_PLUGIN_OPTIONS' } as const;

/**
 * Checks the options of an entry by the plugin's own schema; the defaults that it fills in become origins. A schema
 * that throws is a problem of the entry.
 */
export async function checkOptions(
  plugin: Plugin,
  options: unknown,
  path: Path,
  context: CheckContext,
): Promise<Checked> {
  const schema = plugin.options ?? noOptions();
  try {
    const checked = await check(schema, options ?? {}, path, context, CODES);
    const dropped = droppedKeys(schema, checked.input, path, context);
    noteDefaults(checked, path, { ...BUILT_IN, file: `default of ${plugin.name}` }, context);
    return { ...checked, findings: [...checked.findings, ...dropped] };
  } catch (cause) {
    const place = context.origins.placeOf([...path.slice(0, -1), 'use']) ?? BUILT_IN;
    const message = `the options schema of ${plugin.name} failed: ${messageOf(cause)}`;
    const finding: Finding = { place, code: 'OBS_PLUGIN_OPTIONS', path, message, cause };
    return { value: undefined, input: options, findings: [finding] };
  }
}

/** zod's plain objects drop keys they do not know; a misspelled option must not be lost like that. */
function droppedKeys(schema: unknown, input: unknown, path: Path, { origins }: CheckContext): Finding[] {
  if (!isPlain(input) || !dropsUnknownKeys(schema)) return [];
  const known = keysAt(schema, []) ?? [];
  const unknown = Object.keys(input).filter((key) => !known.includes(key));
  return unknown.map((key) => ({
    place: origins.placeOf([...path, key]) ?? BUILT_IN,
    code: CODES.unknownKey,
    path: [...path, key],
    message: unknownKey([key], known).message,
  }));
}

function noteDefaults(
  { value, input, findings }: Checked,
  path: Path,
  place: Place,
  context: CheckContext,
): void {
  if (findings.length > 0) return;
  const note = (made: unknown, inner: Path) => {
    if (isPlain(made)) for (const [key, entry] of Object.entries(made)) note(entry, [...inner, key]);
    else if (made !== undefined && valueAt(input, inner) === undefined)
      context.origins.say(place, [...path, ...inner], made);
  };
  note(value, []);
}
