import type { EnabledEntry } from '../config/resolved.ts';
import { handlersOf, type ObservabilityExporter } from '../contract/exporter.ts';
import { definePlugin, type Plugin } from '../contract/plugin.ts';
import { messageOf, ObsError } from '../errors.ts';
import { SIGNALS } from '../signals/index.ts';
import type { Wired } from '../wire.ts';

/** Makes an exporter object an entry like any other; what is wrong with it is warned about, never thrown. */
export function addExporter({ registry, book }: Wired, exporter: ObservabilityExporter): void {
  try {
    const entry = entryOf(exporter);
    const [problem] = registry.apply(entry);
    if (problem) throw problem;
    registry.life(entry.key)?.start();
  } catch (error) {
    book.warnOnce(`register ${messageOf(error)}`, `an exporter was not registered: ${messageOf(error)}`);
  }
}

function entryOf(exporter: ObservabilityExporter): EnabledEntry {
  const { name } = exporter;
  if (typeof name !== 'string' || name === '') {
    throw new ObsError('OBS_PLUGIN_MANIFEST', `an exporter needs a name, got ${String(name)}`);
  }
  const handlers = handlersOf(exporter);
  const signals = SIGNALS.filter((signal) => handlers[signal]);
  const plugin = definePlugin({
    name,
    apiVersion: 1,
    kind: 'exporter',
    signals,
    ...(exporter.redelivery && { redelivery: exporter.redelivery }),
    apply: (host) => host.registerExporter(exporter),
  }) as unknown as Plugin;
  const options = {};
  return {
    key: name,
    enabled: true,
    plugin,
    options,
    signals,
    delivery: {},
    strategy: {},
    captureContent: undefined,
  };
}
