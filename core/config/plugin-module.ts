import { isPlugin, type Plugin } from '../contract/plugin.ts';
import type { ErrorCode } from '../errors.ts';
import type { Freshness } from './fresh-url.ts';
import { type Imported, importModule } from './import-module.ts';
import { importFailure } from './load-failure.ts';
import { candidatesFor, findPlugin, isPath } from './plugin-file.ts';
import { didYouMean } from './suggest.ts';

/** The short names of this package's plugins: `json` is `obs-kit/json`. */
export const BUILT_IN = [
  'json',
  'duckdb',
  'otel',
  'langfuse',
  'braintrust',
  'memory',
  'redact',
  'filter',
  'enrich',
  'limit',
];

/** Why a name gave no plugin. */
export interface PluginFailure {
  code: ErrorCode;
  message: string;
  cause?: unknown;
}

/**
 * Loads the plugin that a name stands for: a built-in one, a package by its short or full name, or a path; packages
 * and paths as seen from the directory of the config. Never throws.
 */
export async function loadPlugin(
  name: string,
  directory: string,
  cwd: string,
  freshness: Freshness,
): Promise<Plugin | PluginFailure> {
  // Our own entries are imported from here, so that no second copy of this package gets in.
  const builtIn = BUILT_IN.find((short) => name === short || name === `obs-kit/${short}`);
  let file = name;
  try {
    if (builtIn !== undefined) return pluginIn({ namespace: await import(`obs-kit/${builtIn}`) }, name);
    const found = findPlugin(name, directory);
    if (found === undefined) return notFound(name);
    file = found;
    return pluginIn(await importModule(file, isPath(name) ? freshness : 'kept'), name);
  } catch (error) {
    const { code, message, cause } = await importFailure(error, file, cwd);
    if (code === 'OBS_CONFIG_TS') return { code, message, cause };
    return { code: 'OBS_PLUGIN_LOAD', message: `"${name}" could not be loaded: ${message}`, cause };
  }
}

function notFound(name: string): PluginFailure {
  const tried = candidatesFor(name).join(', ');
  const known = isPath(name) ? '' : `; built in are ${BUILT_IN.join(', ')}${didYouMean(name, BUILT_IN)}`;
  return { code: 'OBS_PLUGIN_NOT_FOUND', message: `no plugin "${name}": tried ${tried}${known}` };
}

/** The default export, else the only plugin among the exports; those of CommonJS are one level deeper. */
function pluginIn({ namespace }: Imported, name: string): Plugin | PluginFailure {
  const inner = namespace.default;
  if (isPlugin(inner)) return inner;
  const nested = typeof inner === 'object' && inner !== null ? Object.values(inner) : [];
  const plugins = [...new Set([...Object.values(namespace), ...nested].filter(isPlugin))];
  if (plugins.length === 1) return plugins[0]!;
  const found =
    plugins.length === 0
      ? `exports no plugin (only ${Object.keys(namespace).join(', ') || 'nothing'})`
      : `exports several plugins (${plugins.map((plugin) => plugin.name).join(', ')}) and none as default`;
  return { code: 'OBS_PLUGIN_NOT_A_PLUGIN', message: `"${name}" ${found}` };
}
