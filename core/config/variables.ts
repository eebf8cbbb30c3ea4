import { SIGNALS } from '../signals/index.ts';
import type { Path } from './path.ts';
import type { Place } from './place.ts';
import type { Tree } from './plain.ts';
import type { Problems } from './problems.ts';
import type { Environment } from './reference.ts';
import { didYouMean } from './suggest.ts';
import {
  type ReadText,
  readLevel,
  readPlugins,
  readRatio,
  readResource,
  readSignals,
  readSwitch,
} from './variable-text.ts';
import type { ChosenEnvironment } from './zero-config.ts';

/** What the environment variables say. */
export interface Variables {
  /** The variable that switches everything off. */
  disabledBy: string | undefined;
  environment: ChosenEnvironment | undefined;
  configFile: string | undefined;
  /** One layer for each variable that sets something, weakest first. */
  layers: { place: Place; value: Tree }[];
}

/** The key that a variable sets, and how its text is read. */
interface Setting {
  path: Path;
  read: ReadText;
}

const SIGNAL_SWITCHES = Object.fromEntries(
  SIGNALS.map((signal): [string, Setting] => [
    `OBS_${signal.toUpperCase()}`,
    { path: ['signals', signal, 'enabled'], read: readSwitch },
  ]),
);

/** The variables that set a key of the config, weakest first. This list is closed. */
const SETTINGS: Record<string, Setting> = {
  OTEL_RESOURCE_ATTRIBUTES: { path: ['service'], read: readResource },
  OTEL_SERVICE_NAME: { path: ['service', 'name'], read: (text) => text },
  OBS_SIGNALS: { path: ['signals'], read: readSignals },
  ...SIGNAL_SWITCHES,
  OBS_LOG_LEVEL: { path: ['signals', 'logs', 'level'], read: readLevel },
  OBS_SAMPLE_RATIO: { path: ['signals', 'tracing', 'sample'], read: readRatio },
  OBS_PLUGINS: { path: ['plugins'], read: readPlugins },
};

const KNOWN = ['OBS_DISABLED', 'OBS_ENV', 'OBS_CONFIG_FILE', ...Object.keys(SETTINGS)];

/** Reads the closed list of variables. An empty one counts as absent; a bad value is a problem and sets nothing. */
export function readVariables(env: Environment, problems: Problems): Variables {
  reportMisspelled(env, problems);
  return {
    disabledBy: disabledBy(env, problems),
    environment: environmentOf(env),
    configFile: env.OBS_CONFIG_FILE || undefined,
    layers: Object.entries(SETTINGS).flatMap(([name, setting]) => {
      const value = readSetting(name, setting, env, problems);
      return value === undefined ? [] : [{ place: placeOf(name), value: nest(setting.path, value) }];
    }),
  };
}

function environmentOf(env: Environment): Variables['environment'] {
  for (const variable of ['OBS_ENV', 'NODE_ENV']) {
    const name = env[variable];
    if (name) return { name, place: placeOf(variable) };
  }
  return undefined;
}

function readSetting(name: string, { path, read }: Setting, env: Environment, problems: Problems): unknown {
  const text = env[name]?.trim();
  if (!text) return undefined;
  return read(text, (expected, got = text) => {
    const message = `${name}: expected ${expected}, got ${JSON.stringify(got)}`;
    problems.add({ place: placeOf(name), code: 'OBS_CONFIG_ENV_VALUE', path, message });
  });
}

function disabledBy(env: Environment, problems: Problems): string | undefined {
  const setting: Setting = { path: ['disabled'], read: readSwitch };
  if (readSetting('OBS_DISABLED', setting, env, problems) === true) return 'OBS_DISABLED';
  // OpenTelemetry: only "true" counts, anything else is false.
  return env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true' ? 'OTEL_SDK_DISABLED' : undefined;
}

/** Variables of other programs may start alike, so only near misses are reported. */
function reportMisspelled(env: Environment, problems: Problems): void {
  for (const name of Object.keys(env)) {
    if (!name.startsWith('OBS_') || KNOWN.includes(name)) continue;
    const hint = didYouMean(name, KNOWN);
    const message = `unknown variable ${name}${hint}`;
    if (hint) problems.add({ place: placeOf(name), code: 'OBS_CONFIG_UNKNOWN_KEY', path: [], message });
  }
}

function placeOf(name: string): Place {
  return { layer: 'variable', file: name, prefix: [] };
}

function nest(path: Path, value: unknown): Tree {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree;
}
