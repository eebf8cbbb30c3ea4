import { ObservabilityBus } from './bus.ts';
import { type Clock, createSystemClock } from './clock.ts';
import type { EnabledEntry, ResolvedConfig } from './config/resolved.ts';
import { DeadLetters } from './delivery/dead-letters.ts';
import { Deliveries } from './delivery/deliveries.ts';
import { TOTAL_QUEUE_BYTES } from './delivery/options.ts';
import { DiagnosticsBook } from './diagnostics.ts';
import type { PluginLogger } from './exporter.ts';
import { createHooks, type HookTable } from './hooks.ts';
import type { HostParts } from './host.ts';
import { createIdSource, type IdSource } from './ids.ts';
import { createLabelCap } from './label-cap.ts';
import { Phases } from './phases.ts';
import { createRedactor } from './redact.ts';
import { Registry } from './registry.ts';
import type { Signal } from './signals/index.ts';
import type { Warn } from './warnings.ts';

/** Time, identity, chance and the way to warn; injectable for tests. */
export interface WireContext {
  clock?: Clock;
  ids?: IdSource;
  /** 0 to 1, for jitter. */
  random?: () => number;
  /** Where warnings go. Default: one line each on stderr. */
  warn?: Warn;
}

/** The parts of a host, wired but not started. */
export interface Wired {
  clock: Clock;
  ids: IdSource;
  book: DiagnosticsBook;
  hooks: HookTable;
  deliveries: Deliveries;
  bus: ObservabilityBus;
  registry: Registry;
}

/** Wires the parts for a config; the plugins are applied afterwards, entry by entry. */
export function wire(config: ResolvedConfig, context: WireContext = {}): Wired {
  const {
    clock = createSystemClock(),
    ids = createIdSource(),
    random = Math.random,
    warn = warnOnStderr,
  } = context;
  const book = new DiagnosticsBook(warn);
  const hooks = createHooks({
    failed: (tap, hook, error) =>
      hook === 'start' ? book.startFailed(tap, error) : book.tapFailed(tap, hook, error),
    blocked: (tap, hook, ms) =>
      book.warnOnce(
        `${tap} blocked`,
        `plugin "${tap}" held up the event loop for ${Math.round(ms)} ms in its ${hook} tap`,
      ),
  });
  const { resource, dataDir, environment } = config;
  const deadLetters = new DeadLetters({ book, clock, dataDir, isEnabled: config.deadLetters });
  const deliveries = new Deliveries({
    book,
    deadLetters,
    budget: { limit: TOTAL_QUEUE_BYTES, used: 0 },
    newBatchId: () => ids.eventId(clock.unixMicro()),
    random,
  });
  const phases = new Phases({
    redact: config.redact.enabled ? createRedactor(config.redact.keys) : undefined,
    captureContent: config.capture.content,
    capLabels: createLabelCap(config.signals.metrics.maxSeries, (metric) => {
      const { maxSeries } = config.signals.metrics;
      book.overflowed();
      book.warnOnce(
        `overflow ${metric}`,
        `metric "${metric}" has more than ${maxSeries} label sets; the rest is one overflow series`,
      );
    }),
    onDrop: (signal, reason) => book.dropped(signal, reason),
    onFailure: (key, phase, error) => book.tapFailed(key, phase, error),
  });
  const freeze = environment === 'development' || environment === 'test';
  const bus = new ObservabilityBus({ hooks, phases, deliveries, book, freeze });
  const logger = (key: string) => pluginLogger(key, warn);
  const isOn = (signal: Signal) => config.signals[signal].enabled;
  const registry = new Registry(
    { bus, hooks, phases, clock, logger, resource, dataDir, environment, isOn, ...countsOf(book) },
    book,
    deliveries,
  );
  return { clock, ids, book, hooks, deliveries, bus, registry };
}

/** What the hosts of the entries count. */
function countsOf(book: DiagnosticsBook): Pick<HostParts, 'lost' | 'heldBack' | 'failed'> {
  return {
    lost: book.lost.bind(book),
    heldBack: book.heldBack.bind(book),
    failed: book.tapFailed.bind(book),
  };
}

/** The enabled entries of a config. */
export function enabledEntries(config: ResolvedConfig): EnabledEntry[] {
  return config.plugins.filter((entry): entry is EnabledEntry => entry.enabled);
}

/** A terminal that has gone away must not end the application. */
function warnOnStderr(line: string): void {
  const ignore = () => {};
  process.stderr.once('error', ignore);
  process.stderr.write(`${line}\n`, (error) => {
    if (!error) process.stderr.off('error', ignore);
  });
}

/** Plugins speak about themselves on the warning channel: warnings and errors only. */
function pluginLogger(key: string, warn: Warn): PluginLogger {
  const line = (level: string) => (message: string) => warn(`obs ${level} plugin "${key}": ${message}`);
  return { debug() {}, info() {}, warn: line('WARN'), error: line('ERROR') };
}
