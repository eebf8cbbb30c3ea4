import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DEFAULTS } from './defaults.ts';
import type { Entry } from './entry-form.ts';
import type { Layer } from './layer.ts';
import { BUILT_IN, type Place } from './place.ts';
import type { Environment } from './reference.ts';
import type { Source } from './source.ts';

/** Where a process runs, as far as it matters to one without a config. */
export interface Surroundings {
  /** stdout or stderr is a terminal: somebody is watching. */
  hasTerminal: boolean;
  isCi: boolean;
  isContainer: boolean;
}

const CI_VARIABLES = [
  'CI',
  'GITHUB_ACTIONS',
  'GITLAB_CI',
  'BUILDKITE',
  'TF_BUILD',
  'JENKINS_URL',
  'TEAMCITY_VERSION',
];
const CONTAINER_FILES = ['/.dockerenv', '/run/.containerenv'];

/** The surroundings of this process. */
export function surroundingsOf(env: Environment): Surroundings {
  return {
    hasTerminal: Boolean(process.stdout.isTTY || process.stderr.isTTY),
    isCi: CI_VARIABLES.some((name) => env[name] && !/^(?:false|0)$/i.test(env[name])),
    isContainer: Boolean(env.KUBERNETES_SERVICE_HOST || env.container) || CONTAINER_FILES.some(existsSync),
  };
}

/** The name of the environment and what gave it. */
export interface ChosenEnvironment {
  name: string;
  place: Place;
}

/**
 * The layer of a process without any config: DuckDB in the data directory, on while developing and off elsewhere.
 * Where it is off, `OBS_ENV=development` or `OBS_PLUGINS=+local` asks for it; nor are dead letters kept there, since
 * nobody asked for a directory. None where entries are declared.
 */
export function impliedLayer(
  source: Source,
  code: Layer,
  environment: ChosenEnvironment,
  env: Environment,
  surroundings: Surroundings = surroundingsOf(env),
): Layer[] {
  if (source.content !== undefined || source.isBroken || declaresPlugins(code)) return [];
  const { enabled, why } = judge(environment, surroundings);
  const { dataDir } = code.value;
  const directory = resolve(source.project, typeof dataDir === 'string' ? dataDir : DEFAULTS.dataDir);
  const local: Entry = { use: 'duckdb', options: { path: join(directory, 'obs.duckdb') }, enabled };
  const place: Place = { ...BUILT_IN, file: `built-in (no config file, ${why})` };
  return [{ place, value: { deadLetters: enabled, plugins: { local } } }];
}

/** `plugins: {}` says that none is wanted; a change to the built-in entry alone declares nothing. */
function declaresPlugins({ value: { plugins } }: Layer): boolean {
  const entries = plugins && Object.values(plugins);
  return entries !== undefined && (entries.length === 0 || entries.some((entry) => entry?.use));
}

function judge(
  { name, place }: ChosenEnvironment,
  { hasTerminal, isCi, isContainer }: Surroundings,
): { enabled: boolean; why: string } {
  const isDevelopment = name === 'development' && place.layer !== 'default';
  // NODE_ENV is often set by images and pipelines for reasons of their own.
  if (isDevelopment && place.file !== 'NODE_ENV') return { enabled: true, why: 'development' };
  if (name === 'production') return { enabled: false, why: 'production' };
  if (isCi) return { enabled: false, why: 'CI' };
  if (isContainer) return { enabled: false, why: 'container' };
  if (isDevelopment) return { enabled: true, why: 'development' };
  return { enabled: hasTerminal, why: hasTerminal ? 'terminal' : 'no terminal' };
}
