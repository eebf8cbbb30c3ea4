import { resolve } from 'node:path';
import { DEFAULTS, UNKNOWN_SERVICE } from './defaults.ts';
import type { ConfigLayer, ObsConfig } from './define.ts';
import { resolveEntries } from './entries.ts';
import { strayEntries } from './entry-keys.ts';
import type { Layer } from './layer.ts';
import { defaultLayers, readFileLayers, readLayer } from './layers.ts';
import { mergeLayers } from './merge.ts';
import { Origins } from './origins.ts';
import { BUILT_IN, type Place } from './place.ts';
import { Problems } from './problems.ts';
import { readFilesOf } from './read-files.ts';
import type { Environment } from './reference.ts';
import type { Resolution, ResolvedConfig, ResolvedEntry } from './resolved.ts';
import { Secrets } from './secrets.ts';
import { type Settings, settleSettings } from './settings.ts';
import { findSource, noSource, type Source } from './source.ts';
import { readVariables, type Variables } from './variables.ts';
import { type ChosenEnvironment, impliedLayer, type Surroundings } from './zero-config.ts';

export { assertResolved, problemLine, problemSource } from './assert-resolved.ts';

/** Where a config comes from. */
export interface ResolveOptions {
  /** Where the search starts. Default: the working directory. */
  cwd?: string;
  /** Environment variables. Default: `process.env`. */
  env?: Environment;
  /** Name of the environment; wins over `OBS_ENV` and `NODE_ENV`. */
  environment?: string;
  /** What a config file would export; nothing is searched then. */
  config?: ObsConfig;
  /** The strongest layer: what was passed to `createObs()`. */
  overrides?: ConfigLayer;
  /** Where the process runs; matters only where there is no config at all. Default: looked at. */
  surroundings?: Surroundings;
  /**
   * Reads a config that is a module again although it was read before; what it imports by relative paths, and plugins
   * given by paths, where they have changed since. Packages are not read again. Default: false.
   */
  isReload?: boolean;
}

const CODE: Place = { layer: 'code', file: 'createObs()', prefix: [] };

/**
 * Resolves a config, for the run time and for every command alike: finds it, checks each layer by itself, merges them,
 * reads the references, loads the plugins of the entries that are on and checks their options. Never throws for a
 * mistake: all of them are in `problems`. With `OBS_DISABLED` or `OTEL_SDK_DISABLED` nothing is looked at, so nothing
 * can be wrong.
 */
export async function resolveConfig(options: ResolveOptions = {}): Promise<Resolution> {
  const { cwd = process.cwd(), env = process.env, config, overrides = {}, isReload = false } = options;
  const since = Date.now();
  const problems = new Problems();
  const secrets = new Secrets(env);
  const variables = readVariables(env, problems);
  const environment = chooseEnvironment(options, variables);
  if (variables.disabledBy !== undefined) return switchedOff(cwd, environment, variables.disabledBy, since);

  const { configFile } = variables;
  const source = await findSource({ cwd, config, configFile, isReload }, problems);
  const file = readFileLayers(source, environment.name, problems, secrets);
  const layers: Layer[] = [
    ...file.layers,
    ...variables.layers.map(({ place, value }) => readLayer(place, value, problems, secrets)),
    readLayer(CODE, overrides, problems, secrets),
  ];
  layers.unshift(...impliedLayer(source, layers.at(-1)!, environment, env, options.surroundings));

  const defaults = await defaultLayers(source.directory, layers);
  const merged = mergeLayers([...defaults, ...layers]);
  if (!source.isBroken)
    problems.add(...strayEntries(layers, merged, file.declared).filter(({ path }) => !problems.has(path)));

  const { origins } = merged;
  const context = { env, cwd, secrets, origins, directory: source.directory, isReload };
  const settings = await settleSettings(merged, defaults, context, problems);
  const plugins = await resolveEntries(merged, layers, context, problems);

  sayEnvironment(origins, environment);
  origins.teach(secrets);
  return {
    config: assemble(settings, plugins, source, environment.name),
    problems: problems.list(secrets),
    origins: origins.list(env, secrets),
    environments: file.environments,
    read: readFilesOf(source, merged.value.plugins, since),
  };
}

function chooseEnvironment(options: ResolveOptions, { environment }: Variables): ChosenEnvironment {
  if (options.environment)
    return { name: options.environment, place: { ...CODE, file: 'environment option' } };
  return environment ?? { name: 'development', place: BUILT_IN };
}

function sayEnvironment(origins: Origins, { name, place }: ChosenEnvironment): void {
  if (place !== BUILT_IN) origins.say(BUILT_IN, ['environment'], 'development');
  origins.say(place, ['environment'], name);
}

/** The resolution of a process that wants no observability, whatever its config says. */
function switchedOff(
  cwd: string,
  environment: ChosenEnvironment,
  variable: string,
  since: number,
): Resolution {
  const origins = new Origins();
  sayEnvironment(origins, environment);
  origins.say({ layer: 'variable', file: variable, prefix: [] }, ['disabled'], true);
  const settings = { ...structuredClone(DEFAULTS), service: { name: UNKNOWN_SERVICE, attributes: {} } };
  return {
    config: {
      ...assemble(settings as unknown as Settings, [], noSource(cwd), environment.name),
      disabled: true,
    },
    problems: [],
    origins: origins.list({}, new Secrets({})),
    environments: [],
    read: { files: [], since },
  };
}

function assemble(
  { service, dataDir, ...settings }: Settings,
  plugins: ResolvedEntry[],
  { file, project }: Source,
  environment: string,
): ResolvedConfig {
  const { name, version, attributes } = service;
  return {
    file,
    environment,
    disabled: false,
    resource: {
      serviceName: name,
      ...(version !== undefined && { serviceVersion: version }),
      attributes,
    },
    ...settings,
    dataDir: resolve(project, dataDir),
    plugins,
  };
}
