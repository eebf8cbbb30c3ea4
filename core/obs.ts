import { addExporter } from './add-exporter.ts';
import type { ConfigLayer } from './config/define.ts';
import { assertResolved, type ResolveOptions, resolveConfig } from './config/resolve.ts';
import type { ConfigProblem, EnabledEntry, Resolution } from './config/resolved.ts';
import type { ObsError } from './errors.ts';
import { START_MS } from './host.ts';
import { BaseObservabilityInstance } from './instance.ts';
import { flushHost, shutdownHost } from './lifecycle.ts';
import type { ObservabilityStorage } from './store.ts';
import { enabledEntries, type WireContext, type Wired, wire } from './wire.ts';

/** Where a config is looked for, and what tests replace. */
export interface CreateObsContext extends WireContext, Omit<ResolveOptions, 'overrides'> {}

/**
 * Loads, validates and starts. Plugins open their files and connections in the background and what is emitted waits
 * for them, so this returns at once; `flush()` waits until they have written.
 * @param overrides the strongest layer of the config.
 * @throws ObsError `OBS_CONFIG_INVALID` with all problems of the config; nothing else.
 */
export async function createObs(
  overrides: ConfigLayer = {},
  context: CreateObsContext = {},
): Promise<BaseObservabilityInstance> {
  const resolution = await resolveConfig({ ...context, overrides });
  assertResolved(resolution);
  const wired = wire(resolution.config, context);
  assertResolved({ ...resolution, problems: applyAll(wired, resolution) });
  const instance = assemble(wired, resolution);
  void wired.hooks.start.promise({ deadlineMs: START_MS });
  return instance;
}

/** Applies all enabled entries and returns what is wrong with them. */
export function applyAll({ registry }: Wired, { config }: Resolution): ConfigProblem[] {
  return enabledEntries(config).flatMap((entry) =>
    registry.apply(entry).map((error) => problemOf(entry, error, config.file)),
  );
}

function problemOf({ key }: EnabledEntry, error: ObsError, file: string | undefined): ConfigProblem {
  const message = error.message.replace(`${error.code}: `, '');
  return {
    code: error.code,
    source: file ?? 'createObs()',
    path: `plugins.${key}`,
    message,
    hint: error.hint,
  };
}

/** The stores that the applied entries registered; a second one of an entry gets a number. */
export function storesOf({ registry }: Wired): Map<string, ObservabilityStorage> {
  const stores = new Map<string, ObservabilityStorage>();
  for (const [key, host] of registry.hosts) {
    host.stores.forEach((store, index) => {
      stores.set(index === 0 ? key : `${key}.${index + 1}`, store);
    });
  }
  return stores;
}

function assemble(wired: Wired, { config }: Resolution): BaseObservabilityInstance {
  const { book, bus, clock, ids } = wired;
  const instance: BaseObservabilityInstance = new BaseObservabilityInstance({
    config,
    bus,
    book,
    clock,
    ids,
    stores: storesOf(wired),
    addExporter: (exporter) => addExporter(wired, exporter),
    flush: (deadlineMs) => flushHost(wired, deadlineMs),
    shutdown: (deadlineMs) => {
      process.off('beforeExit', atExit);
      return shutdownHost(wired, deadlineMs);
    },
  });
  // When nothing else is left to do, what is held is written before the process ends by itself.
  const atExit = () => void instance.shutdown();
  process.once('beforeExit', atExit);
  return instance;
}
