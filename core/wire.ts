import { ObservabilityBus } from './bus/bus.ts';
import { Slot } from './bus/slot.ts';
import { tableMaker } from './bus/table.ts';
import { type Clock, createSystemClock } from './clock.ts';
import type { EnabledEntry, ResolvedConfig } from './config/resolved.ts';
import type { PluginLogger } from './contract/exporter.ts';
import type { DeliveryCounts } from './delivery/counts.ts';
import { DeadLetters } from './delivery/dead-letters.ts';
import { Deliveries } from './delivery/deliveries.ts';
import { TOTAL_QUEUE_BYTES } from './delivery/options.ts';
import { DiagnosticsBook } from './diagnostics/diagnostics-book.ts';
import type { Warn } from './diagnostics/warnings.ts';
import type { HostParts } from './entry/host.ts';
import { Registry } from './entry/registry.ts';
import { createIdSource, type IdSource } from './ids.ts';
import { nodeFiles, type SpoolFiles } from './spool/files.ts';

/** Time, identity, chance and the way to warn; injectable for tests. */
export interface WireContext {
  clock?: Clock;
  ids?: IdSource;
  /** 0 to 1, for jitter. */
  random?: () => number;
  /** Where warnings go. Default: one line each on stderr. */
  warn?: Warn;
  /** Where spools are. Default: the file system. */
  files?: SpoolFiles;
  /** Called after every change of what became of the events of one plugin and signal. */
  onCounts?: (counts: DeliveryCounts) => void;
}

/** The parts of a host, wired but not started. */
export interface Wired {
  clock: Clock;
  ids: IdSource;
  book: DiagnosticsBook;
  slot: Slot;
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
    files = nodeFiles,
    onCounts,
  } = context;
  const book = new DiagnosticsBook(warn);
  const slot = new Slot(config, tableMaker(book));
  const deliveries = new Deliveries({
    book,
    deadLetters: deadLettersOf(slot, book, clock),
    budget: { limit: TOTAL_QUEUE_BYTES, used: 0 },
    newBatchId: () => ids.eventId(clock.unixMicro()),
    random,
    get dataDir() {
      return slot.config.dataDir;
    },
    files,
    onCounts,
  });
  const bus = new ObservabilityBus({ slot, deliveries, book });
  const logger = (key: string) => pluginLogger(key, warn);
  const registry = new Registry({ bus, deliveries, clock, logger, ...countsOf(book) }, slot, book);
  return { clock, ids, book, slot, deliveries, bus, registry };
}

/** They lie where the config says that holds when they are written. */
function deadLettersOf(slot: Slot, book: DiagnosticsBook, clock: Clock): DeadLetters {
  return new DeadLetters({
    book,
    clock,
    get dataDir() {
      return slot.config.dataDir;
    },
    get isEnabled() {
      return slot.config.deadLetters;
    },
  });
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
