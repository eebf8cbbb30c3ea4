import type { Plugin, PluginUse } from '../contract/plugin.ts';
import type { StorageStrategy } from '../contract/store.ts';
import type { DeliveryOptions } from '../delivery/options.ts';
import type { Signal } from '../signals/index.ts';
import type { LogLevel } from '../signals/logs.ts';
import type { SnapshotLimits } from '../snapshot/snapshot.ts';

export { env, isReference, type Reference } from './reference.ts';
export { secret } from './secret.ts';

/** What an `obs.config.ts` exports. Every part has a default. */
export interface ObsConfig extends ConfigLayer {
  /** For editors, in a config that is JSON or YAML: `node_modules/obs-kit/dist/config.schema.json`. */
  $schema?: string;
  /** Overlays by environment name; the one named by `OBS_ENV`, else `NODE_ENV`, else `development` applies. */
  environments?: Record<string, ConfigLayer>;
}

/** One layer of configuration: the file itself, or an overlay. Objects merge by key, other values replace. */
export interface ConfigLayer {
  service?: { name?: string; version?: string; attributes?: Record<string, string> };
  /** `true` and `false` are short for `{ enabled }`; an object without `enabled` leaves a signal as it is. Default: all on. */
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
  /**
   * Keeps the events that a destination refused for good, in `dead-letters/<key>.jsonl` in `dataDir`. Default true; without
   * any config only where a store is active.
   */
  deadLetters?: boolean;
  /** Milliseconds that `shutdown()` takes at most. Default 5,000. */
  shutdownTimeoutMs?: number;
  /**
   * On SIGTERM and SIGINT: shuts down within `shutdownTimeoutMs`, then lets the signal end the process as it would have;
   * a second SIGINT does so at once. Where the application listens for the signal, it only flushes: the end is the
   * application's. `false` leaves signals alone. Default true.
   */
  handleSignals?: boolean;
  /**
   * Reloads when the config file changes, or a file that it imports by a relative path, and says in one line what that
   * changed; with mistakes in it the running config stays. For development, as a reload may close and open plugins.
   * Default false.
   */
  watch?: boolean;
  /**
   * Emits the counts of delivery as metrics: `obs.delivery.accepted`, `.delivered`, `.dropped` (counters), `.queued`,
   * `.in_flight`, `.spooled` (gauges) with the labels `plugin`, `signal` and, for what was dropped, `reason`; every
   * `intervalMs` (default 60,000) and at a flush and the shutdown. `true` and `false` are short for `{ enabled }`; an
   * object switches them on. Default false.
   */
  selfMetrics?: boolean | { enabled?: boolean; intervalMs?: number };
  /** The plugins by key; the key is the entry's identity. `null` in a later layer removes an entry. */
  plugins?: Record<string, EntryInput | null>;
}

export interface CaptureOptions {
  content?: boolean;
}

/** A plugin, whatever its options are: what `definePlugin()` returned. */
export type AnyPlugin = Pick<Plugin, 'name' | 'apiVersion' | 'kind' | 'signals'> &
  ((...args: never[]) => PluginUse);

/** An entry: a plugin with options, a bare plugin, a name, or the long form with settings of the host. */
export type EntryInput = PluginUse | AnyPlugin | string | EntryOptions;

/** The long form of an entry. */
export interface EntryOptions {
  /** A plugin, a called factory, or a name: built-in, package, or path that starts with `./`. Absent in an overlay: unchanged. */
  use?: PluginUse | AnyPlugin | string;
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
  /**
   * Processors that this entry alone goes through, after those that are entries themselves: what they hide or hold back
   * others still get. They run enrich before sample before redact, and in this order within each. A list replaces that
   * of an earlier layer.
   */
  processors?: ProcessorInput[];
}

/** A processor of an entry: a plugin with options, a bare plugin, a name, or a name with options. */
export type ProcessorInput =
  | PluginUse
  | AnyPlugin
  | string
  | { use: PluginUse | AnyPlugin | string; options?: Record<string, unknown> };

/** Gives the config its type and returns it unchanged. */
export function defineConfig(config: ObsConfig): ObsConfig {
  return config;
}
