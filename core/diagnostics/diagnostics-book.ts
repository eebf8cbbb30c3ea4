import { CircuitNews } from '../delivery/circuit-news.ts';
import {
  addCounts,
  type DeliveryCounts,
  type DropReason,
  noCounts,
  type Setback,
  type Tally,
} from '../delivery/counts.ts';
import { SpoolNews } from '../delivery/spool-news.ts';
import { messageOf } from '../errors.ts';
import { bySignal, type Signal } from '../signals/index.ts';
import type { Diagnostics, PluginDiagnostics } from './diagnostics.ts';
import { foldOlder } from './older-entries.ts';
import { addTracked, type SignalDiagnostics, type Tracked } from './signal-diagnostics.ts';
import { type Warn, Warnings } from './warnings.ts';

/** Counts what a host does, and warns about each kind of trouble at most once a minute. */
export class DiagnosticsBook {
  readonly #plugins = new Map<string, PluginDiagnostics>();
  readonly #emitted = bySignal(() => ({ count: 0, dropped: {} as Record<string, number> }));
  readonly #warnings: Warnings;
  readonly #deliveries: { key: string; signal: Signal; tracked: Tracked }[] = [];
  readonly #subscribers = new Map<string, Tally>();
  readonly #circuitNews = new CircuitNews();
  readonly #spoolNews = new SpoolNews();
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
  track(key: string, signal: Signal | undefined, tracked: Tracked): void {
    if (!signal) {
      this.#subscribers.set(key, tracked.counts);
      return;
    }
    this.signal(key, signal);
    this.#deliveries.push({ key, signal, tracked });
  }

  /** A delivery is closed: what a plugin's counted stays, a subscriber has left. */
  forget(counts: DeliveryCounts): void {
    for (const [key, own] of this.#subscribers) if (own === counts) this.#subscribers.delete(key);
    const at = this.#deliveries.findIndex(({ tracked }) => tracked.counts === counts);
    if (at < 0) return;
    const [closed] = this.#deliveries.splice(at, 1);
    const sum = this.signal(closed!.key, closed!.signal);
    addCounts(sum, counts);
    const { recovered } = closed!.tracked;
    if (recovered !== undefined) sum.recovered = (sum.recovered ?? 0) + recovered;
  }

  /** An entry is there, perhaps again. */
  opened(key: string): void {
    this.plugin(key).state = 'pending';
  }

  /** A reload took an entry out. */
  closed(key: string): void {
    const plugin = this.plugin(key);
    plugin.state = 'closed';
    this.#plugins.delete(key);
    this.#plugins.set(key, plugin);
    foldOlder(this.#plugins);
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
    const own = this.#deliveries.filter((each) => each.key === key && each.signal === signal);
    for (const counts of [...own.map(({ tracked }) => tracked.counts), this.signal(key, signal)]) {
      // What is being sent counts as delivered soon.
      const moved = Math.min(left, counts.delivered + counts.inFlight + counts.spooled);
      counts.delivered -= moved;
      counts.dropped.rejected = (counts.dropped.rejected ?? 0) + moved;
      // The plugin has them, not this host.
      if (moved > 0) this.deadLetters(key, signal, 'unwritten', moved);
      left -= moved;
    }
    this.sendFailed(key, signal, new Error(reason), 'rejected', count);
  }

  sendSucceeded(key: string, signal: Signal | undefined): void {
    if (!signal) return;
    const plugin = this.plugin(key);
    if (plugin.state === 'degraded') this.started(key);
    const news = this.#circuitNews.closed(key, signal);
    if (news) this.warnOnce(news.topic, news.text, 'INFO');
    this.signal(key, signal).lastSuccessAt = new Date();
  }

  /** A plugin runs, or does so again: whether it is well depends on its spools. */
  started(key: string): void {
    this.plugin(key).state = this.#spoolNews.isFailing(key) ? 'degraded' : 'running';
  }

  /** The spool of a plugin takes nothing, so its events are in memory only. */
  spoolFailed(key: string, signal: Signal, error: unknown): void {
    this.#spoolNews.failed(key, signal);
    this.#noteError(key, signal, error);
    const what = `the spool of "${key}" fails, its ${signal} events are in memory only`;
    this.warnOnce(`${key} spool`, `${what}: ${messageOf(error)}`, 'ERROR');
  }

  spoolHealed(key: string, signal: Signal): void {
    if (!this.#spoolNews.healed(key, signal)) return;
    if (this.plugin(key).state === 'degraded') this.started(key);
    this.warnOnce(`${key} spool healed`, `the spool of "${key}" takes events again`, 'INFO');
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

  /** All counts of now, in copies. */
  report(): Omit<Diagnostics, 'signals'> {
    const plugins = structuredClone(Object.fromEntries(this.#plugins));
    for (const { key, signal, tracked } of this.#deliveries)
      addTracked(plugins[key]!.signals[signal]!, tracked);
    const subscribers = structuredClone(Object.fromEntries(this.#subscribers));
    return { emitted: structuredClone(this.#emitted), overflowed: this.#overflowed, plugins, subscribers };
  }
}
