import { isPlugin, type Plugin } from '../contract/plugin.ts';
import { ObsError } from '../errors.ts';
import { BUILT_IN, loadPlugin } from './plugin-module.ts';

/** The plugins that come with this package. */
export function builtInPlugins(): Promise<Plugin[]> {
  return Promise.all(BUILT_IN.map((name) => pluginByName(name, process.cwd())));
}

/**
 * The plugin that a name stands for in a config in this directory.
 * @throws ObsError that says why there is none.
 */
export async function pluginByName(name: string, directory: string): Promise<Plugin> {
  const found = await loadPlugin(name, directory, directory, 'kept');
  if (isPlugin(found)) return found;
  throw new ObsError(found.code, found.message, { ...(found.cause !== undefined && { cause: found.cause }) });
}
