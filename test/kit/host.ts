import { tmpdir } from 'node:os';
import type { EnabledEntry, ResolvedConfig } from '../../core/config/resolved.ts';
import type { Plugin } from '../../core/contract/plugin.ts';
import { addExporter } from '../../core/entry/add-exporter.ts';
import { BaseObservabilityInstance } from '../../core/instance.ts';
import { flushHost, shutdownHost } from '../../core/life/lifecycle.ts';
import { DEFAULT_LIMITS } from '../../core/snapshot/snapshot.ts';
import { type WireContext, type Wired, wire } from '../../core/wire.ts';

type Patch<T> = { [K in keyof T]?: T[K] extends unknown[] ? T[K] : T[K] extends object ? Patch<T[K]> : T[K] };

/** What a test says about a config; the rest are the defaults. */
export type ConfigPatch = Patch<Omit<ResolvedConfig, 'plugins'>>;

/** An entry of a test: a plugin, and what differs from the defaults of an entry. */
export type EntryPatch = Partial<Omit<EnabledEntry, 'key' | 'enabled' | 'plugin'>> & { plugin: Plugin };

export interface TestHostOptions extends WireContext {
  config?: ConfigPatch;
  /** The plugins by key, already made: nothing is loaded and no options are checked. */
  plugins?: Record<string, Plugin | EntryPatch>;
}

/** An instance with its insides in view. */
export interface TestHost {
  obs: BaseObservabilityInstance;
  wired: Wired;
  /** The lines that would have gone to stderr; empty where the test gave its own `warn`. */
  warnings: string[];
  /** Opens the plugins, so that deliveries begin. Raw taps need no start. */
  start(): Promise<void>;
}

/** The config of an instance in environment `test` with all signals on and every log level. */
export function resolvedConfig(patch: ConfigPatch = {}): ResolvedConfig {
  const { signals = {}, resource, capture, redact, limits, ...rest } = patch;
  return {
    file: undefined,
    environment: 'test',
    disabled: false,
    resource: { serviceName: 'test-service', attributes: {}, ...(resource as object) },
    signals: {
      tracing: { enabled: true, sample: 1, ...signals.tracing },
      metrics: { enabled: true, maxSeries: 2_000, ...signals.metrics },
      logs: { enabled: true, level: 'debug', ...signals.logs },
      scores: { enabled: true, ...signals.scores },
      feedback: { enabled: true, ...signals.feedback },
    },
    capture: { content: true, ...capture },
    redact: { enabled: true, keys: [], ...redact },
    limits: { ...DEFAULT_LIMITS, ...limits },
    dataDir: tmpdir(),
    deadLetters: false,
    shutdownTimeoutMs: 5_000,
    handleSignals: false,
    watch: false,
    selfMetrics: { enabled: false, intervalMs: 60_000 },
    plugins: [],
    ...rest,
  } as ResolvedConfig;
}

/**
 * An instance over a config that is resolved already, with plugins that are made already.
 * @throws the first mistake of a plugin.
 */
export function createTestHost(options: TestHostOptions = {}): TestHost {
  const { config: patch, plugins = {}, ...context } = options;
  const warnings: string[] = [];
  const config = resolvedConfig(patch);
  const wired = wire(config, { warn: (line) => warnings.push(line), ...context });
  for (const [key, entry] of Object.entries(plugins)) {
    const [problem] = wired.registry.apply(entryOf(key, entry));
    if (problem) throw problem;
  }
  const obs = instanceOf(wired);
  return { obs, wired, warnings, start: () => wired.slot.hooks.start.promise({ deadlineMs: 5_000 }) };
}

function entryOf(key: string, entry: Plugin | EntryPatch): EnabledEntry {
  const { plugin, ...patch } = 'plugin' in entry ? entry : { plugin: entry };
  return {
    key,
    enabled: true,
    plugin,
    options: {},
    signals: plugin.signals,
    delivery: {},
    strategy: {},
    captureContent: undefined,
    ...patch,
  };
}

function instanceOf(wired: Wired): BaseObservabilityInstance {
  return new BaseObservabilityInstance({
    ...wired,
    stores: () => wired.registry.stores,
    addExporter: (exporter) => addExporter(wired, exporter),
    setSignal: (signal, isOn) => wired.registry.switch(signal, isOn),
    reload: () => Promise.reject(new Error('a test host has no config to reload')),
    flush: (options) => flushHost(wired, { deadlineMs: 5_000, ...options }),
    shutdown: (deadlineMs) => shutdownHost(wired, deadlineMs),
  });
}
