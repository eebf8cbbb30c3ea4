import type { DeliveryOptions } from '../delivery/options.ts';
import type { Plugin, PluginUse } from '../plugin.ts';
import type { Signal } from '../signals/index.ts';
import type { LogLevel } from '../signals/logs.ts';
import type { SnapshotLimits } from '../snapshot.ts';
import type { StorageStrategy } from '../store.ts';

/** What an `obs.config.ts` exports. Every part has a default; see docs/config.md. */
export interface ObsConfig extends ConfigLayer {
  /** Overlays by environment name; the one named by `OBS_ENV`, else `NODE_ENV`, else `development` applies. */
  environments?: Record<string, ConfigLayer>;
}

/** One layer of configuration: the file itself, or an overlay. Objects merge by key, other values replace. */
export interface ConfigLayer {
  service?: { name?: string; version?: string; attributes?: Record<string, string> };
  /** `false` switches a signal off, `true` or an object switches it on. Default: all on. */
  signals?: {
    /** `sample`: share of new traces that are kept, 0 to 1. Default 1. */
    tracing?: boolean | { enabled?: boolean; sample?: number };
    /** `maxSeries`: label sets of one metric beyond which the rest is one overflow series. Default 2,000. */
    metrics?: boolean | { enabled?: boolean; maxSeries?: number };
    /** `level`: logs below it are not made. Default `info`. */
    logs?: boolean | { enabled?: boolean; level?: LogLevel };
    scores?: boolean | { enabled?: boolean };
    feedback?: boolean | { enabled?: boolean };
  };
  /** `content: false` leaves out inputs and outputs of spans and the data of logs. Default true. */
  capture?: CaptureOptions;
  /** Redaction of secrets. Default on; `keys` are added to the built-in names. */
  redact?: boolean | { enabled?: boolean; keys?: string[] };
  /** Size limits of one event. */
  limits?: Partial<SnapshotLimits>;
  /** Directory for files of ours. Default `.obs` beside the config file. */
  dataDir?: string;
  /** Milliseconds that `shutdown()` takes at most. Default 5,000. */
  shutdownTimeoutMs?: number;
  /** The plugins by key; the key is the entry's identity. `null` in a later layer removes an entry. */
  plugins?: Record<string, EntryInput | null>;
}

export interface CaptureOptions {
  content?: boolean;
}

/** An entry: a plugin with options, a bare plugin, a name, or the long form with settings of the host. */
export type EntryInput = PluginUse | Plugin | string | EntryOptions;

/** The long form of an entry. */
export interface EntryOptions {
  /** A plugin, a called factory, or a name: built-in, package, or path that starts with `./`. Absent in an overlay: unchanged. */
  use?: PluginUse | Plugin | string;
  /** Options of the plugin, for data-only configs; merged by key. A changed `use` discards those of earlier layers. */
  options?: Record<string, unknown>;
  /** Default true. Options of a disabled entry are not checked. */
  enabled?: boolean;
  /** The signals it gets; default: all that it supports. Naming one that it does not support is an error. */
  signals?: Signal[];
  delivery?: DeliveryOptions;
  /** The strategy of a store, by signal; default: what the store prefers. */
  strategy?: Partial<Record<Signal, StorageStrategy>>;
  capture?: CaptureOptions;
}

/** Gives the config its type and returns it unchanged. */
export function defineConfig(config: ObsConfig): ObsConfig {
  return config;
}

const REFERENCE = Symbol.for('obs.reference');

/** A value that is read from the environment when the config is resolved. */
export interface Reference {
  readonly variable: string;
  readonly isSecret: boolean;
  readonly fallback: unknown;
}

/**
 * The value of an environment variable, read after all layers are merged and only for enabled entries. Numbers and
 * booleans are converted where the option asks for them. Without a default a missing variable is an error.
 */
export function env<T = string>(variable: string, fallback?: T): T {
  return reference(variable, false, fallback) as T;
}

/** Like {@link env} without a default, for values that must never be shown. */
export function secretEnv<T = string>(variable: string): T {
  return reference(variable, true, undefined) as T;
}

function reference(variable: string, isSecret: boolean, fallback: unknown): unknown {
  const made: Reference = { variable, isSecret, fallback };
  Object.defineProperty(made, REFERENCE, { value: true });
  return made;
}

/** True for what {@link env} returned, from this or another copy of the package. */
export function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null && REFERENCE in value;
}
