import {
  ObsError,
  type ObservabilityStorage,
  type OpenStoresOptions,
  openStores,
  resolveConfig,
} from '../core/index.ts';

/**
 * Calls `use` with an open store and closes it afterwards: the one of the entry `key`, by default the first. With
 * `init: false` the store is handed over as it is, not opened.
 * @throws ObsError `OBS_NO_STORE` when there is none, `OBS_CLI_USAGE` for an unknown key, `OBS_CONFIG_INVALID`, or what
 * the store says when it cannot open.
 */
export async function withStore<R>(
  key: string | undefined,
  use: (store: ObservabilityStorage) => Promise<R>,
  options: OpenStoresOptions = {},
): Promise<R> {
  const { stores, close } = await openStores(await onlyStore(key), {}, options);
  try {
    const store = key === undefined ? stores.values().next().value : stores.get(key);
    if (!store) throw noStore(key, [...stores.keys()]);
    return await use(store);
  } finally {
    await close();
  }
}

/** Leaves the other entries closed, so that one of them being busy does not stand in the way. */
async function onlyStore(key: string | undefined): Promise<Parameters<typeof openStores>[0]> {
  if (key === undefined) return {};
  const { config } = await resolveConfig();
  const others = config.plugins.filter((entry) => entry.key !== key);
  return { plugins: Object.fromEntries(others.map((entry) => [entry.key, { enabled: false }])) };
}

function noStore(key: string | undefined, known: readonly string[]): ObsError {
  if (key !== undefined) {
    const choice = known.length > 0 ? `; stores: ${known.join(', ')}` : '';
    return new ObsError('OBS_CLI_USAGE', `--store: "${key}" is no store that is switched on${choice}`);
  }
  return new ObsError('OBS_NO_STORE', 'the config has no store that is switched on');
}
