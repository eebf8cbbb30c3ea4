import { dirname, relative } from 'node:path';
import { projectDirectory } from './defaults.ts';
import { describe } from './issues.ts';
import { type Loaded, loadConfig, searchConfig } from './load.ts';
import type { Place } from './place.ts';
import { isPlain, type Tree } from './plain.ts';
import type { Problems } from './problems.ts';

/** What stands for the config file, and the directories that depend on where it is. */
export interface Source {
  /** Absolute; undefined where there is no file. */
  file: string | undefined;
  /** What the file exports; undefined where there is none or it could not be loaded. */
  content: Tree | undefined;
  place: Place;
  /** Where packages and paths of plugins are looked for. */
  directory: string;
  /** Where `dataDir` starts. */
  project: string;
  /** There is a config, but it could not be read. */
  isBroken: boolean;
}

/** Which file is asked for: an inline one, one by its path, else the one that is found. */
export interface SourceRequest {
  cwd: string;
  config: unknown;
  configFile: string | undefined;
  /** Modules that were read before are read again. */
  isReload: boolean;
}

/** No config at all. */
export function noSource(cwd: string): Source {
  const place: Place = { layer: 'file', file: 'no config file', prefix: [] };
  return { file: undefined, content: undefined, place, directory: cwd, project: cwd, isBroken: false };
}

/** Finds and loads the config; failures are problems. */
export async function findSource(request: SourceRequest, problems: Problems): Promise<Source> {
  const { cwd, config, configFile, isReload } = request;
  const freshness = isReload ? 'anew' : 'kept';
  if (config !== undefined) return inlineSource(config, cwd, problems);
  const loaded =
    configFile === undefined
      ? await searchConfig(cwd, freshness)
      : await loadConfig(configFile, cwd, freshness);
  return loaded ? fileSource(loaded, cwd, problems) : noSource(cwd);
}

function inlineSource(config: unknown, cwd: string, problems: Problems): Source {
  const source = { ...noSource(cwd), place: { ...noSource(cwd).place, file: 'inline config' } };
  if (isPlain(config)) return { ...source, content: config };
  problems.at(source.place)('OBS_CONFIG_EMPTY', [], `expected a config object, got ${describe(config)}`);
  return { ...source, isBroken: true };
}

function fileSource(
  { file, prefix, content, failures, locate }: Loaded,
  cwd: string,
  problems: Problems,
): Source {
  const place: Place = { layer: 'file', file: relative(cwd, file), prefix, locate };
  const variable: Place = { layer: 'variable', file: 'OBS_CONFIG_FILE', prefix: [] };
  for (const { path = [], ...failure } of failures)
    problems.add({ ...failure, path, place: failure.code === 'OBS_CONFIG_NOT_FOUND' ? variable : place });
  const directory = dirname(file);
  const project = projectDirectory(file);
  return { file, content, place, directory, project, isBroken: content === undefined };
}
