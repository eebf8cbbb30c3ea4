import type { ConfigLayer } from './config/define.ts';
import { assertResolved, resolveConfig } from './config/resolve.ts';
import type { ObservabilityStorage } from './contract/store.ts';
import { applyAll } from './entry/apply-all.ts';
import type { CreateObsContext } from './obs.ts';
import { wire } from './wire.ts';

/** The stores of a config, open for reading. */
export interface OpenStores {
  stores: ReadonlyMap<string, ObservabilityStorage>;
  close(): Promise<void>;
}

/** How {@link openStores} hands the stores over. */
export interface OpenStoresOptions {
  /** False: they are not opened, for what must look at them before that. Default: true. */
  init?: boolean;
}

/**
 * Opens the stores of a config and nothing else: no exporter is started, nothing is emitted.
 * @throws ObsError `OBS_CONFIG_INVALID`, or what a store says when it cannot open.
 */
export async function openStores(
  overrides: ConfigLayer = {},
  context: CreateObsContext = {},
  { init = true }: OpenStoresOptions = {},
): Promise<OpenStores> {
  const resolution = await resolveConfig({ ...context, overrides });
  const { config } = resolution;
  const onlyStores = config.plugins.filter((entry) => entry.enabled && entry.plugin.kind === 'store');
  const storesOnly = { ...resolution, config: { ...config, plugins: onlyStores } };
  const wired = wire(config, context);
  assertResolved({ ...resolution, problems: applyAll(wired, storesOnly) });
  const { stores } = wired.registry;
  const close = async () => {
    const closed = await Promise.allSettled([...stores.values()].map((store) => store.close()));
    for (const result of closed) if (result.status === 'rejected') throw result.reason;
  };
  try {
    if (init) for (const store of stores.values()) await store.init();
  } catch (error) {
    await close().catch(() => undefined); // what kept a store from opening says more
    throw error;
  }
  return { stores, close };
}
