import type { Plugin } from '../contract/plugin.ts';
import type { Resource } from '../contract/resource.ts';
import type { StorageStrategy } from '../contract/store.ts';
import type { DeliveryOptions } from '../delivery/options.ts';
import type { Signal } from '../signals/index.ts';
import type { LogLevel } from '../signals/logs.ts';
import type { SnapshotLimits } from '../snapshot/snapshot.ts';
import type { LayerName } from './place.ts';
import type { ConfigProblem } from './problems.ts';
import type { ReadFiles } from './read-files.ts';

/** A config with every default filled in, every reference read and every option checked: what the host runs on. */
export interface ResolvedConfig {
  /** Absolute path of the config file; undefined when there is none. */
  file: string | undefined;
  environment: string;
  /** True with OBS_DISABLED or OTEL_SDK_DISABLED: every call is a no-op and no plugin is loaded. */
  disabled: boolean;
  resource: Resource;
  signals: {
    tracing: { enabled: boolean; sample: number };
    metrics: { enabled: boolean; maxSeries: number };
    logs: { enabled: boolean; level: LogLevel };
    scores: { enabled: boolean };
    feedback: { enabled: boolean };
  };
  capture: { content: boolean };
  redact: { enabled: boolean; keys: string[] };
  limits: SnapshotLimits;
  /** Absolute. */
  dataDir: string;
  /** Refused events are kept in `dataDir`. */
  deadLetters: boolean;
  shutdownTimeoutMs: number;
  handleSignals: boolean;
  watch: boolean;
  selfMetrics: { enabled: boolean; intervalMs: number };
  /** In the order of the config. Entries that are off are listed too, without `plugin` and options. */
  plugins: ResolvedEntry[];
}

/** One plugin entry. */
export type ResolvedEntry = EnabledEntry | DisabledEntry;

export interface EnabledEntry {
  key: string;
  enabled: true;
  plugin: Plugin;
  /** What the plugin's schema made of the options. */
  options: unknown;
  /** The signals the entry is limited to: those of the entry, else all of the manifest. */
  signals: readonly Signal[];
  delivery: DeliveryOptions;
  strategy: Partial<Record<Signal, StorageStrategy>>;
  /** Undefined: as for the whole config. */
  captureContent: boolean | undefined;
  /** What changes or holds back the events of this entry alone. Absent: nothing. */
  processors?: readonly ResolvedProcessor[];
}

/** A processor of one entry. */
export interface ResolvedProcessor {
  plugin: Plugin;
  /** What the processor's schema made of the options. */
  options: unknown;
}

export interface DisabledEntry {
  key: string;
  enabled: false;
  /** The plugin's name where the entry shows it without loading anything. */
  name: string | undefined;
  /** The layer that switched it off, such as `environments.production` or `OBS_PLUGINS`. */
  offBy: string;
}

/** One layer's word about one key. */
export interface Origin {
  layer: LayerName;
  /** For people: `built-in`, `obs.config.ts`, `obs.config.ts environments.production`, `OBS_LOGS`, `createObs()`. */
  source: string;
  /** What it says; null takes the key away. Secrets are masked, functions and objects are shown by name. */
  value: unknown;
  /** The environment variable that the layer refers to by `env()` or `secret()`. */
  variable?: string;
}

/** What resolving a config gives; `config` is usable only when there are no problems. */
export interface Resolution {
  config: ResolvedConfig;
  problems: ConfigProblem[];
  /** For every dotted key the layers that spoke, weakest first; the last one wins. */
  origins: ReadonlyMap<string, readonly Origin[]>;
  /** The names of all overlays of the config. */
  environments: readonly string[];
  read: ReadFiles;
}
