import { isPlugin, manifestProblem, type Plugin } from '../contract/plugin.ts';
import type { CheckContext } from './check.ts';
import type { Path } from './path.ts';
import { BUILT_IN } from './place.ts';
import { loadPlugin, type PluginFailure } from './plugin-module.ts';
import type { Finding } from './problems.ts';

/** What an entry is resolved with. */
export interface EntryContext extends CheckContext {
  /** Where packages and paths are looked for: the directory of the config file. */
  directory: string;
  /** What the paths in messages start at. */
  cwd: string;
  /** Plugins given by paths are read again where they have changed. */
  isReload: boolean;
}

/** The plugin, loaded if it is given by name, with a manifest that this host can work with; else why there is none. */
export async function usablePlugin(
  use: Plugin | string,
  { directory, cwd, isReload }: EntryContext,
): Promise<Plugin | PluginFailure> {
  const freshness = isReload ? 'changed' : 'kept';
  const plugin = typeof use === 'string' ? await loadPlugin(use, directory, cwd, freshness) : use;
  if (!isPlugin(plugin)) return plugin;
  const problem = manifestProblem(plugin);
  if (problem) return { code: problem.code, message: problem.message.slice(problem.code.length + 2) };
  if (plugin.options !== undefined && typeof plugin.options['~standard']?.validate !== 'function')
    return { code: 'OBS_PLUGIN_MANIFEST', message: `${plugin.name}: options: expected a Standard Schema` };
  return plugin;
}

/** A mistake at a path, laid to the layer that spoke about it. */
export function findingAt(path: Path, failure: PluginFailure, { origins }: EntryContext): Finding {
  return { ...failure, path, place: origins.placeOf(path) ?? BUILT_IN };
}
