import { isPlugin, type Plugin } from '../contract/plugin.ts';
import { describe } from './issues.ts';
import type { Path } from './path.ts';
import { isPlain, type Refuse, type Tree } from './plain.ts';

/** The long form of an entry, with `use` as a plugin or a name; the other keys as they were written. */
export interface Entry extends Tree {
  use?: Plugin | string;
  options?: unknown;
  processors?: unknown;
}

/** A processor of an entry, in the long form. */
export interface ProcessorForm {
  /** Undefined where what was written is none. */
  use?: Plugin | string;
  options?: unknown;
}

/**
 * Brings any form of an entry to the long one: a plugin with options, a bare plugin, a name, or `{ use, ... }` with
 * `use` being any of these. Null stays null. What is no entry is refused and gives an empty one.
 */
export function normaliseEntry(written: unknown, path: Path, refuse: Refuse): Entry | null {
  if (written === null) return null;
  if (isUse(written)) return { use: written };
  if (isPlain(written)) return unfold(written, path, refuse);
  if (typeof written === 'function') {
    refuse(
      'OBS_PLUGIN_NOT_A_PLUGIN',
      path,
      'expected a plugin, got a function that definePlugin() did not make',
    );
    return {};
  }
  refuse('OBS_CONFIG_TYPE', path, `expected a plugin, its name or { use, ... }, got ${describe(written)}`);
  return {};
}

/** Options in the long form are merged over those given to the factory in `use`. */
function unfold({ use, ...rest }: Tree, path: Path, refuse: Refuse): Entry {
  const { processors } = rest;
  const entry: Entry = Array.isArray(processors)
    ? { ...rest, processors: normaliseProcessors(processors, [...path, 'processors'], refuse) }
    : rest;
  if (use === undefined || use === null) return entry;
  if (isUse(use)) return { use, ...entry };
  if (isPlain(use) && isUse(use.use))
    return { ...entry, use: use.use, options: mergeOptions(use.options, entry.options) };
  const got = isPlain(use) && typeof use.apply === 'function' ? 'a definition' : describe(use);
  refuse(
    'OBS_PLUGIN_NOT_A_PLUGIN',
    [...path, 'use'],
    `expected what definePlugin() returned or a name, got ${got}`,
  );
  return entry;
}

/** The processors of an entry in the long form; what is none is refused and empty, so that the others keep their place. */
function normaliseProcessors(written: readonly unknown[], path: Path, refuse: Refuse): ProcessorForm[] {
  return written.map((one, index) => {
    const at = [...path, `${index}`];
    if (one === null || (isPlain(one) && one.use === undefined)) {
      const expected = 'expected a processor, its name or { use, options }';
      refuse('OBS_CONFIG_TYPE', at, `${expected}, got ${describe(one)}`);
      return {};
    }
    return normaliseEntry(one, at, refuse) ?? {};
  });
}

function isUse(value: unknown): value is Plugin | string {
  return isPlugin(value) || (typeof value === 'string' && value !== '');
}

function mergeOptions(given: unknown, written: unknown): unknown {
  if (written === undefined) return given;
  return isPlain(given) && isPlain(written) ? { ...given, ...written } : written;
}
