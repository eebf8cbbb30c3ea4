import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ConfigLayer,
  createObs,
  DELIVERY_DEFAULTS,
  droppedOf,
  type Observability,
  type PluginDiagnostics,
  type PluginListing,
  SIGNALS,
  type Signal,
} from '../../core/index.ts';
import { type Cause, diagnose } from './diagnosis.ts';

/** What became of a marked event of one signal. */
export type Probed =
  | { outcome: 'arrived'; ms: number }
  | { outcome: 'failed'; cause: Cause; message: string; hint: string }
  /** The plugin sends by itself, so the host does not know. */
  | { outcome: 'unknown' };

/** By entry, then by signal. */
export type ProbeResults = ReadonlyMap<string, Partial<Record<Signal, Probed>>>;

/** One request may take this long. */
const REQUEST_MS = 3_000;
/** All of it may take this long. */
const PROBE_MS = 5_000;
const POLL_MS = 20;
/** Judgements count wherever they arrive, so none is sent where something else can show the way. */
const CARRIERS: readonly Signal[] = ['tracing', 'logs', 'metrics'];

/**
 * Sends one event marked with `obs.probe` of each signal through each exporter that is on, with the config of this
 * directory, and tells what came back. Stores and sources are left alone.
 */
export async function probe(listings: readonly PluginListing[], environment: string): Promise<ProbeResults> {
  const exporters = listings.filter(({ enabled, kind }) => enabled && kind === 'exporter');
  const wanted = new Map(exporters.map((listing) => [listing.key, probedSignals(listing)]));
  if ([...wanted.values()].every((signals) => signals.length === 0)) return new Map();
  const obs = await createObs(overridesFor(listings, wanted), { environment, warn: () => {} });
  const startedAt = performance.now();
  emitMarked(obs, new Set([...wanted.values()].flat()));
  const results = new Map<string, Partial<Record<Signal, Probed>>>(
    [...wanted.keys()].map((key) => [key, {}]),
  );
  void obs.flush({ deadlineMs: PROBE_MS });
  for (let ms = 0, isDone = false; !isDone && ms < PROBE_MS; ) {
    await sleep(POLL_MS);
    ms = performance.now() - startedAt;
    isDone = judgeAll(obs, wanted, results, ms);
  }
  await obs.shutdown({ deadlineMs: 500 });
  return withLate(wanted, results);
}

function probedSignals({ signals }: PluginListing): Signal[] {
  const active = SIGNALS.filter((signal) => signals[signal]?.active);
  const carriers = active.filter((signal) => CARRIERS.includes(signal));
  return carriers.length > 0 ? carriers : active.slice(0, 1);
}

/** Each exporter sends at once, to its end, and keeps nothing; all others are off. */
function overridesFor(
  listings: readonly PluginListing[],
  wanted: ReadonlyMap<string, readonly Signal[]>,
): ConfigLayer {
  const delivery = {
    maxDelayMs: 0,
    timeoutMs: REQUEST_MS,
    retry: { initialDelayMs: 50, maxElapsedMs: 0 },
    // What a running application keeps on the disk is its own.
    ...('durability' in DELIVERY_DEFAULTS && { durability: 'memory' }),
  };
  const on = listings.filter(({ enabled }) => enabled);
  const plugins = on.map(({ key, kind }) => {
    const signals = wanted.get(key);
    if (kind === 'processor') return [key, {}] as const;
    return [key, signals?.length ? { signals, delivery } : { enabled: false }] as const;
  });
  return {
    signals: { tracing: { sample: 1 }, logs: { level: 'debug' } },
    deadLetters: false,
    handleSignals: false,
    plugins: Object.fromEntries(plugins),
  } as ConfigLayer;
}

function emitMarked(obs: Observability, signals: ReadonlySet<Signal>): void {
  const name = 'obs doctor --probe';
  const mark = { 'obs.probe': true };
  if (signals.has('tracing')) obs.startSpan({ name, type: 'generic', metadata: mark }).end();
  if (signals.has('logs')) obs.logger.info(name, mark);
  if (signals.has('metrics')) obs.metrics.counter('obs.probe').add(1, { 'obs.probe': 'true' });
  if (signals.has('scores')) obs.addScore({ scorerId: 'obs.probe', score: 1, metadata: mark });
  if (signals.has('feedback')) obs.addFeedback({ feedbackType: 'obs.probe', value: 1, metadata: mark });
}

/** Takes note of what is known by now; true when that is everything. */
function judgeAll(
  obs: Observability,
  wanted: ReadonlyMap<string, readonly Signal[]>,
  results: Map<string, Partial<Record<Signal, Probed>>>,
  ms: number,
): boolean {
  const { plugins } = obs.diagnostics();
  let isDone = true;
  for (const [key, signals] of wanted)
    for (const signal of signals) {
      const known = results.get(key)!;
      const found = known[signal] ?? judge(plugins[key], signal, ms);
      if (found) known[signal] = found;
      else isDone = false;
    }
  return isDone;
}

function judge(plugin: PluginDiagnostics | undefined, signal: Signal, ms: number): Probed | undefined {
  if (!plugin || plugin.state === 'pending') return undefined;
  const counts = plugin.signals[signal];
  if (!counts) return plugin.lastError ? failed(plugin.lastError.message) : { outcome: 'unknown' };
  const error = counts.lastError ?? plugin.lastError;
  if (counts.accepted > 0 && counts.delivered === counts.accepted) return { outcome: 'arrived', ms };
  if (error && (counts.lastError || plugin.state === 'degraded' || droppedOf(counts) > 0))
    return failed(error.message);
  return undefined;
}

function failed(message: string): Probed {
  return { outcome: 'failed', message, ...diagnose(message) };
}

/** Nothing is known of what is still under way when the time is over, but that. */
function withLate(
  wanted: ReadonlyMap<string, readonly Signal[]>,
  results: Map<string, Partial<Record<Signal, Probed>>>,
): ProbeResults {
  for (const [key, signals] of wanted)
    for (const signal of signals) results.get(key)![signal] ??= failed(`no answer within ${PROBE_MS} ms`);
  return results;
}
