import { type CircuitState, worseCircuit } from './delivery/circuit.ts';
import { CircuitNews } from './delivery/circuit-news.ts';
import { type DeliveryCounts, type DropReason, noCounts, type Setback } from './delivery/counts.ts';
import { messageOf } from './errors.ts';
import { bySignal, type Signal } from './signals/index.ts';
import { type Warn, Warnings } from './warnings.ts';

/** `pending` until the start hook is done, `degraded` while starting fails or sends fail, `closed` after shutdown. */
export type PluginState = 'pending' | 'running' | 'degraded' | 'closed';

/** What became of one signal at one plugin. */
export interface SignalDiagnostics extends DeliveryCounts {
  /** Whether its destination answers; of several deliveries the worst. Absent where nothing is delivered. */
  circuit?: CircuitState;
  /** The strategy chosen for a store. */
  strategy?: string;
  lastError?: { message: string; at: Date };
  lastSuccessAt?: Date;
  /** Events that the entry's own processors held back, by reason: never accepted, so no part of the counts above. */
  heldBack?: Record<string, number>;
  /** Of the events dropped as `rejected`: those in the file of dead letters, and those that it could not take. */
  deadLetters?: { written: number; unwritten: number };
}

/** What is known of one plugin entry. */
export interface PluginDiagnostics {
  state: PluginState;
  /** Failures of taps by hook name. */
  tapFailures: Record<string, number>;
  lastError?: { message: string; at: Date };
  signals: Partial<Record<Signal, SignalDiagnostics>>;
}

/** What a host says about itself. */
export interface Diagnostics {
  /** Events handed to the hooks, by signal, and what was given up before that, by reason. */
  emitted: Record<Signal, { count: number; dropped: Record<string, number> }>;
  plugins: Record<string, PluginDiagnostics>;
  /** Metric events whose labels went into an overflow series. */
  overflowed: number;
  /** Subscribers of the bus, each to all signals. */
  subscribers: Record<string, DeliveryCounts>;
}

/** Counts what a host does, and warns about each kind of trouble at most once a minute. */
export class DiagnosticsBook {
  readonly #plugins = new Map<string, PluginDiagnostics>();
  readonly #emitted = bySignal(() => ({ count: 0, dropped: {} as Record<string, number> }));
  readonly #warnings: Warnings;
  readonly #deliveries: (Tracked & { key: string; signal: Signal })[] = [];
  readonly #subscribers = new Map<string, DeliveryCounts>();
  readonly #circuitNews = new CircuitNews();
  #overflowed = 0;

  constructor(warn: Warn) {
    this.#warnings = new Warnings(warn);
  }

  emitted(signal: Signal): void {
    this.#emitted[signal].count++;
  }

  /** Counts an event given up before any plugin saw it. */
  dropped(signal: Signal, reason: string): void {
    const { dropped } = this.#emitted[signal];
    dropped[reason] = (dropped[reason] ?? 0) + 1;
  }

  /** Counts a metric event that went into an overflow series. */
  overflowed(): void {
    this.#overflowed++;
  }

  plugin(key: string): PluginDiagnostics {
    let plugin = this.#plugins.get(key);
    if (!plugin) {
      plugin = { state: 'pending', tapFailures: {}, signals: {} };
      this.#plugins.set(key, plugin);
    }
    return plugin;
  }

  signal(key: string, signal: Signal): SignalDiagnostics {
    const { signals } = this.plugin(key);
    signals[signal] ??= noCounts();
    return signals[signal];
  }

  /** Lets the counts of a delivery show under its plugin; several deliveries of one signal add up. */
  track(key: string, signal: Signal | undefined, { counts, circuit }: Tracked): void {
    if (!signal) {
      this.#subscribers.set(key, counts);
      return;
    }
    this.signal(key, signal);
    this.#deliveries.push({ key, signal, counts, circuit });
  }

  /** A subscriber has left. */
  forget(counts: DeliveryCounts): void {
    for (const [key, own] of this.#subscribers) if (own === counts) this.#subscribers.delete(key);
  }

  tapFailed(key: string, hook: string, error: unknown): void {
    const plugin = this.plugin(key);
    plugin.tapFailures[hook] = (plugin.tapFailures[hook] ?? 0) + 1;
    plugin.lastError = { message: messageOf(error), at: new Date() };
    this.warnOnce(`${key} ${hook}`, `plugin "${key}" failed in its ${hook} tap: ${messageOf(error)}`);
  }

  /** A plugin could not open what it needs, or has not yet; its events wait. */
  startFailed(key: string, error: unknown): void {
    const plugin = this.plugin(key);
    if (plugin.state === 'closed') return;
    plugin.state = 'degraded';
    plugin.lastError = { message: messageOf(error), at: new Date() };
    this.warnOnce(`${key} start`, `plugin "${key}" has not started, its events wait: ${messageOf(error)}`);
  }

  /** A send failed: WARN while nothing is lost, ERROR once it is. */
  sendFailed(
    key: string,
    signal: Signal | undefined,
    error: unknown,
    outcome: Setback | DropReason,
    count: number,
  ): void {
    if (error !== undefined && signal) this.#noteError(key, signal, error);
    // Said at the end of the process in one line for all.
    if (outcome === 'process_exit') return;
    if (outcome === 'paused') {
      const news = this.#circuitNews.opened(key, signal, error);
      if (news) this.warnOnce(news.topic, news.text);
      return;
    }
    // With a full queue this is called for each event, so words are made only for those that are shown.
    const text = () => {
      const because = error === undefined ? '' : `: ${messageOf(error)}`;
      const events = signal ? `${count} ${signal} events` : `${count} events`;
      return outcome === 'retrying'
        ? `plugin "${key}" could not take ${events}; they will be tried again${because}`
        : `plugin "${key}" lost ${events} (${outcome})${because}`;
    };
    this.warnOnce(`${key} ${signal} ${outcome}`, text, outcome === 'retrying' ? 'WARN' : 'ERROR');
  }

  /** A plugin gave up events that it had taken; no more than it was ever given. */
  lost(key: string, signal: Signal, count: number, reason: string): void {
    if (!(count >= 1)) return;
    let left = Math.floor(count);
    for (const own of this.#deliveries) {
      if (own.key !== key || own.signal !== signal) continue;
      // What is in flight counts as delivered soon.
      const moved = Math.min(left, own.counts.delivered + own.counts.inFlight);
      own.counts.delivered -= moved;
      own.counts.dropped.rejected = (own.counts.dropped.rejected ?? 0) + moved;
      // The plugin has them, not this host.
      if (moved > 0) this.deadLetters(key, signal, 'unwritten', moved);
      left -= moved;
    }
    this.sendFailed(key, signal, new Error(reason), 'rejected', count);
  }

  sendSucceeded(key: string, signal: Signal | undefined): void {
    if (!signal) return;
    const plugin = this.plugin(key);
    if (plugin.state === 'degraded') plugin.state = 'running';
    const news = this.#circuitNews.closed(key, signal);
    if (news) this.warnOnce(news.topic, news.text, 'INFO');
    this.signal(key, signal).lastSuccessAt = new Date();
  }

  /** Counts an event that an entry's own processors held back from it. */
  heldBack(key: string, signal: Signal, reason: string): void {
    const diagnostics = this.signal(key, signal);
    diagnostics.heldBack ??= {};
    diagnostics.heldBack[reason] = (diagnostics.heldBack[reason] ?? 0) + 1;
  }

  /** Counts refused events that the dead letters took or could not take. */
  deadLetters(key: string, signal: Signal, outcome: 'written' | 'unwritten', count: number): void {
    const diagnostics = this.signal(key, signal);
    diagnostics.deadLetters ??= { written: 0, unwritten: 0 };
    diagnostics.deadLetters[outcome] += count;
  }

  #noteError(key: string, signal: Signal, error: unknown): void {
    const plugin = this.plugin(key);
    const lastError = { message: messageOf(error), at: new Date() };
    this.signal(key, signal).lastError = lastError;
    plugin.lastError = lastError;
    if (plugin.state === 'running') plugin.state = 'degraded';
  }

  /** Says one line on the warning channel. */
  say(line: string): void {
    this.#warnings.say(line);
  }

  /** Warns, unless it warned about the same topic within the last minute. Never throws. */
  warnOnce(topic: string, what: string | (() => string), level: 'INFO' | 'WARN' | 'ERROR' = 'WARN'): void {
    this.#warnings.once(topic, what, level);
  }

  report(): Diagnostics {
    const plugins = structuredClone(Object.fromEntries(this.#plugins));
    for (const { key, signal, ...tracked } of this.#deliveries) add(plugins[key]!.signals[signal]!, tracked);
    const subscribers = structuredClone(Object.fromEntries(this.#subscribers));
    return { emitted: structuredClone(this.#emitted), overflowed: this.#overflowed, plugins, subscribers };
  }
}

/** What a delivery shows of itself. */
interface Tracked {
  counts: DeliveryCounts;
  circuit: { readonly state: CircuitState };
}

function add(sum: SignalDiagnostics, { counts, circuit }: Tracked): void {
  sum.circuit = worseCircuit(sum.circuit ?? 'closed', circuit.state);
  sum.accepted += counts.accepted;
  sum.delivered += counts.delivered;
  sum.spooled += counts.spooled;
  sum.queued += counts.queued;
  sum.inFlight += counts.inFlight;
  for (const [reason, count] of Object.entries(counts.dropped)) {
    sum.dropped[reason as DropReason] = (sum.dropped[reason as DropReason] ?? 0) + count;
  }
}
