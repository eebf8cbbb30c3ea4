import { announcementOf } from './announcement.ts';
import type { ConfigLayer } from './config/define.ts';
import type { ReadFiles } from './config/read-files.ts';
import { assertResolved, type ResolveOptions, resolveConfig } from './config/resolve.ts';
import type { Resolution } from './config/resolved.ts';
import { addExporter } from './entry/add-exporter.ts';
import { applyAll } from './entry/apply-all.ts';
import { START_MS } from './entry/host.ts';
import { BaseObservabilityInstance } from './instance.ts';
import { flushHost, shutdownHost } from './life/lifecycle.ts';
import { Upkeep } from './life/upkeep.ts';
import { type WireContext, type Wired, wire } from './wire.ts';

/** Where a config is looked for, and what tests replace. */
export interface CreateObsContext extends WireContext, Omit<ResolveOptions, 'overrides' | 'isReload'> {}

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
  const { cwd = process.cwd() } = context;
  const resolve = (isReload: boolean) => resolveConfig({ ...context, cwd, overrides, isReload });
  const resolution = await resolve(false);
  const wired = wire(resolution.config, context);
  assertResolved({ ...resolution, problems: applyAll(wired, resolution) });
  const instance = assemble(wired, resolution.read, () => resolve(true));
  const announcement = announcementOf(resolution, cwd);
  if (announcement) wired.book.say(announcement);
  void wired.slot.hooks.start.promise({ deadlineMs: START_MS });
  return instance;
}

/** An instance over a wired host, and what goes on beside it. */
function assemble(
  wired: Wired,
  read: ReadFiles,
  resolve: () => Promise<Resolution>,
): BaseObservabilityInstance {
  const { registry } = wired;
  const instance: BaseObservabilityInstance = new BaseObservabilityInstance({
    ...wired,
    stores: () => registry.stores,
    addExporter: (exporter) => addExporter(wired, exporter),
    setSignal: (signal, isOn) => registry.switch(signal, isOn),
    reload: () => upkeep.reload(),
    flush: (options) => {
      upkeep.selfMetrics.emit();
      return flushHost(wired, options);
    },
    shutdown: (deadlineMs) => {
      upkeep.selfMetrics.emit();
      upkeep.stop();
      return shutdownHost(wired, deadlineMs).finally(() => upkeep.leave());
    },
  });
  const upkeep = new Upkeep({ wired, instance, read, resolve });
  upkeep.follow();
  return instance;
}
