import { addExporter } from './add-exporter.ts';
import { announcementOf } from './announcement.ts';
import type { ConfigLayer } from './config/define.ts';
import { type Path, pathText } from './config/path.ts';
import { assertResolved, type ResolveOptions, resolveConfig } from './config/resolve.ts';
import type { ConfigProblem, Resolution } from './config/resolved.ts';
import type { ObsError } from './errors.ts';
import { START_MS } from './host.ts';
import { BaseObservabilityInstance } from './instance.ts';
import { flushHost, shutdownHost, writeLeft } from './lifecycle.ts';
import { type LivingHost, processLife } from './process-life.ts';
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
  const wired = wire(resolution.config, context);
  assertResolved({ ...resolution, problems: applyAll(wired, resolution) });
  const instance = assemble(wired, resolution);
  const announcement = announcementOf(resolution, context.cwd ?? process.cwd());
  if (announcement) wired.book.say(announcement);
  void wired.hooks.start.promise({ deadlineMs: START_MS });
  return instance;
}

/** Applies all enabled entries and returns all that is wrong: with the config, and with them. */
export function applyAll({ registry }: Wired, resolution: Resolution): ConfigProblem[] {
  const { config, problems } = resolution;
  const applied = enabledEntries(config).flatMap((entry) => {
    const errors = registry.apply(entry);
    const places = registry.hosts.get(entry.key)?.places;
    const pathOf = (error: ObsError) => ['plugins', entry.key, ...(places?.get(error) ?? [])];
    return errors.map((error) => problemOf(error, pathOf(error), resolution));
  });
  return [...problems, ...applied];
}

/** Named by the strongest layer that spoke about the key, or about which plugin the entry uses. */
function problemOf(error: ObsError, path: Path, { config, origins }: Resolution): ConfigProblem {
  const use = ['plugins', path[1]!, 'use'];
  const origin = (origins.get(pathText(path)) ?? origins.get(pathText(use)))?.at(-1);
  const { code, hint, cause } = error;
  const problem: ConfigProblem = {
    code,
    source: origin?.source ?? config.file ?? 'createObs()',
    path: pathText(path),
    message: error.message.slice(code.length + 2),
    hint,
  };
  if (cause !== undefined) Object.defineProperty(problem, 'cause', { value: cause });
  return problem;
}

function assemble(wired: Wired, { config }: Resolution): BaseObservabilityInstance {
  const { book, bus, clock, ids } = wired;
  const instance: BaseObservabilityInstance = new BaseObservabilityInstance({
    config,
    bus,
    book,
    clock,
    ids,
    stores: wired.registry.stores,
    addExporter: (exporter) => addExporter(wired, exporter),
    flush: (options) => flushHost(wired, options),
    shutdown: (deadlineMs) => shutdownHost(wired, deadlineMs).finally(() => life.remove(living)),
  });
  const life = processLife();
  const living: LivingHost = {
    handlesSignals: config.handleSignals && !config.disabled,
    flush: () => instance.flush({ deadlineMs: config.shutdownTimeoutMs }),
    shutdown: () => instance.shutdown(),
    writeLeft: () => writeLeft(wired),
  };
  life.add(living);
  return instance;
}
