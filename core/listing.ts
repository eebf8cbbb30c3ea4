import { assertResolved } from './config/resolve.ts';
import type { DisabledEntry, EnabledEntry, Resolution } from './config/resolved.ts';
import type { PluginKind } from './contract/plugin.ts';
import type { StorageStrategy } from './contract/store.ts';
import { applyAll } from './entry/apply-all.ts';
import type { EntryHost } from './entry/host.ts';
import { SIGNALS, type Signal } from './signals/index.ts';
import { enabledEntries, wire } from './wire.ts';

/** What one signal means at one entry. */
export interface SignalListing {
  /** The plugin can take it. */
  supported: boolean;
  /** Events of it reach the plugin. */
  active: boolean;
  /** Why a supported signal is not active. */
  why?: string;
  /** For stores. */
  strategy?: {
    chosen: StorageStrategy;
    preferred: StorageStrategy;
    supported: readonly StorageStrategy[];
    why: string;
  };
}

/** One entry of a config, as `obs plugins` shows it. */
export interface PluginListing {
  key: string;
  name: string | undefined;
  kind?: PluginKind;
  enabled: boolean;
  /** The layer that switched the entry off. */
  offBy?: string;
  signals: Partial<Record<Signal, SignalListing>>;
}

/**
 * Describes the entries of a config as they would run: the plugins are applied, nothing is started.
 * @throws ObsError `OBS_CONFIG_INVALID` with all problems.
 */
export function describePlugins(resolution: Resolution): PluginListing[] {
  const wired = wire(resolution.config);
  assertResolved({ ...resolution, problems: applyAll(wired, resolution) });
  const enabled = new Map(enabledEntries(resolution.config).map((entry) => [entry.key, entry]));
  return resolution.config.plugins.map((entry) =>
    entry.enabled
      ? listEnabled(enabled.get(entry.key)!, wired.registry.hosts.get(entry.key)!, resolution)
      : listDisabled(entry),
  );
}

function listDisabled({ key, name, offBy }: DisabledEntry): PluginListing {
  return { key, name, enabled: false, offBy, signals: {} };
}

function listEnabled(entry: EnabledEntry, host: EntryHost, resolution: Resolution): PluginListing {
  const { key, plugin } = entry;
  const signals: PluginListing['signals'] = {};
  for (const signal of SIGNALS) signals[signal] = listSignal(signal, entry, host, resolution);
  return { key, name: plugin.name, kind: plugin.kind, enabled: true, signals };
}

function listSignal(
  signal: Signal,
  entry: EnabledEntry,
  host: EntryHost,
  { config }: Resolution,
): SignalListing {
  const supported = host.tapped.has(signal) || (host.stores.length > 0 && isHinted(host, signal));
  if (!supported) return { supported: false, active: false };
  const why = inactiveBecause(signal, entry, config.disabled, config.signals[signal].enabled);
  const chosen = host.strategies.find((strategy) => strategy.signal === signal);
  return {
    supported,
    active: why === undefined,
    ...(why !== undefined && { why }),
    ...(chosen && {
      strategy: {
        chosen: chosen.strategy,
        preferred: chosen.hint.preferred,
        supported: chosen.hint.supported,
        why: chosen.why,
      },
    }),
  };
}

function isHinted(host: EntryHost, signal: Signal): boolean {
  return host.stores.some((store) => store[`${signal}Strategy`] !== null);
}

function inactiveBecause(
  signal: Signal,
  entry: EnabledEntry,
  isDisabled: boolean,
  isOn: boolean,
): string | undefined {
  if (isDisabled) return 'observability is disabled';
  if (!isOn) return `signals.${signal} is off`;
  return entry.signals.includes(signal) ? undefined : 'not in its signals';
}
