import { type Path, pathText } from '../config/path.ts';
import type { ConfigProblem } from '../config/problems.ts';
import type { EnabledEntry, Resolution } from '../config/resolved.ts';
import type { ObsError } from '../errors.ts';
import type { Wired } from '../wire.ts';
import { enabledEntries } from '../wire.ts';
import type { EntryHost } from './host.ts';

/** Applies all enabled entries and returns all that is wrong: with the config, and with them. */
export function applyAll({ registry }: Wired, resolution: Resolution): ConfigProblem[] {
  const applied = enabledEntries(resolution.config).flatMap((entry) => {
    const errors = registry.apply(entry);
    return problemsOf(entry, errors, registry.hosts.get(entry.key), resolution);
  });
  return [...resolution.problems, ...applied];
}

/** The mistakes of an entry, each with the place in the config to correct. */
export function problemsOf(
  { key }: EnabledEntry,
  errors: readonly ObsError[],
  host: Pick<EntryHost, 'places'> | undefined,
  resolution: Resolution,
): ConfigProblem[] {
  const pathOf = (error: ObsError) => ['plugins', key, ...(host?.places.get(error) ?? [])];
  return errors.map((error) => problemOf(error, pathOf(error), resolution));
}

/** Named by the strongest layer that spoke about the key, or about which plugin the entry uses. */
function problemOf(error: ObsError, path: Path, { config, origins }: Resolution): ConfigProblem {
  const use = ['plugins', path[1]!, 'use'];
  const origin = (origins.get(pathText(path)) ?? origins.get(pathText(use)))?.at(-1);
  const { code, hint, cause } = error;
  const problem: ConfigProblem = {
    code,
    source: origin?.source ?? config.file ?? 'createObs()',
    path: pathText(path),
    message: error.message.slice(code.length + 2),
    hint,
  };
  if (cause !== undefined) Object.defineProperty(problem, 'cause', { value: cause });
  return problem;
}
