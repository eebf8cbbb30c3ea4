import type { ResolvedConfig } from '../core/config/resolved.ts';
import { BaseObservabilityInstance } from '../core/instance.ts';
import { definePlugin, type Plugin, type PluginHost } from '../core/plugin.ts';
import { SIGNALS, type Signal } from '../core/signals/index.ts';
import { DEFAULT_LIMITS } from '../core/snapshot.ts';
import { type Wired, wire } from '../core/wire.ts';

/** A running instance and its parts. */
export interface Running {
  obs: BaseObservabilityInstance;
  parts: Wired;
}

/** An instance as an application has it in production, with one plugin that does what `apply` does. */
export async function startInstance(apply?: (host: PluginHost) => void, off: Signal[] = []): Promise<Running> {
  const config = configWith(off);
  const parts = wire(config);
  const { bus, book, clock, ids, registry, hooks } = parts;
  if (apply) registry.apply({ ...ENTRY, plugin: pluginOf(apply) });
  const obs = new BaseObservabilityInstance({
    config,
    bus,
    book,
    clock,
    ids,
    stores: new Map(),
    addExporter() {},
    flush: (deadlineMs) => bus.flush({ deadlineMs: deadlineMs ?? 10_000 }),
    shutdown: (deadlineMs) => bus.shutdown({ deadlineMs }),
  });
  await hooks.start.promise({ deadlineMs: 1_000 });
  return { obs, parts };
}

const ENTRY = {
  key: 'bench',
  enabled: true,
  options: {},
  signals: SIGNALS,
  delivery: {},
  strategy: {},
  captureContent: undefined,
} as const;

function pluginOf(apply: (host: PluginHost) => void): Plugin {
  return definePlugin({ name: 'bench', apiVersion: 1, kind: 'exporter', signals: SIGNALS, apply }) as unknown as Plugin;
}

function configWith(off: Signal[]): ResolvedConfig {
  const enabled = (signal: Signal) => !off.includes(signal);
  return {
    file: undefined,
    environment: 'production',
    disabled: false,
    resource: { serviceName: 'bench', attributes: {} },
    signals: {
      tracing: { enabled: enabled('tracing'), sample: 1 },
      metrics: { enabled: enabled('metrics'), maxSeries: 2_000 },
      logs: { enabled: enabled('logs'), level: 'info' },
      scores: { enabled: enabled('scores') },
      feedback: { enabled: enabled('feedback') },
    },
    capture: { content: true },
    redact: { enabled: true, keys: [] },
    limits: DEFAULT_LIMITS,
    dataDir: '.obs',
    shutdownTimeoutMs: 5_000,
    plugins: [],
  };
}
