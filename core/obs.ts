import type { FlushResult } from './bus.ts';
import type { ConfigLayer } from './config/define.ts';
import { assertResolved, type ResolveOptions, resolveConfig } from './config/resolve.ts';
import type { ConfigProblem, EnabledEntry, Resolution } from './config/resolved.ts';
import type { ObsError } from './errors.ts';
import { handlersOf, type ObservabilityExporter } from './exporter.ts';
import { START_MS } from './host.ts';
import { BaseObservabilityInstance } from './instance.ts';
import { definePlugin, type Plugin } from './plugin.ts';
import { SIGNALS } from './signals/index.ts';
import type { ObservabilityStorage } from './store.ts';
import { enabledEntries, type WireContext, type Wired, wire } from './wire.ts';

/** Where a config is looked for, and what tests replace. */
export interface CreateObsContext extends WireContext, Omit<ResolveOptions, 'overrides'> {}

const FLUSH_MS = 10_000;

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
    flush: (deadlineMs = FLUSH_MS) => flush(wired, deadlineMs),
    shutdown: async (deadlineMs) => {
      process.off('beforeExit', atExit);
      return shutdown(wired, deadlineMs);
    },
  });
  // When nothing else is left to do, what is held is written before the process ends by itself.
  const atExit = () => void instance.shutdown();
  process.once('beforeExit', atExit);
  return instance;
}

async function flush({ bus, hooks }: Wired, deadlineMs: number): Promise<FlushResult> {
  const endsAt = performance.now() + deadlineMs;
  const result = await bus.flush({ deadlineMs });
  await hooks.flush.promise({ deadlineMs: Math.max(1, endsAt - performance.now()) });
  return result;
}

/** Queues first, then the plugins: each is told to write and then to let go, whatever the others do. */
async function shutdown(wired: Wired, deadlineMs: number): Promise<FlushResult> {
  const { bus, hooks, registry } = wired;
  const endsAt = performance.now() + deadlineMs;
  const left = () => ({ deadlineMs: Math.max(1, endsAt - performance.now()) });
  // A queue that cannot be emptied leaves the plugins a part of the time to close in.
  const result = await bus.shutdown({ deadlineMs: deadlineMs * 0.8 });
  await hooks.flush.promise(left());
  await hooks.shutdown.promise(left());
  registry.close();
  return result;
}

/** An exporter object becomes an entry like any other; what is wrong with it is warned about, never thrown. */
function addExporter(wired: Wired, exporter: ObservabilityExporter): void {
  const signals = SIGNALS.filter((signal) => handlersOf(exporter)[signal]);
  const plugin = definePlugin({
    name: exporter.name,
    apiVersion: 1,
    kind: 'exporter',
    signals,
    apply: (host) => host.registerExporter(exporter),
  }) as unknown as Plugin;
  const entry: EnabledEntry = {
    key: exporter.name,
    enabled: true,
    plugin,
    options: {},
    signals,
    delivery: {},
    strategy: {},
    captureContent: undefined,
  };
  for (const error of wired.registry.apply(entry))
    wired.book.warnOnce(`register ${entry.key}`, error.message);
  wired.registry.start(entry.key);
}
