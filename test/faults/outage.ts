import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryOptions } from '../../core/delivery/options.ts';
import type { SignalDiagnostics } from '../../core/diagnostics/signal-diagnostics.ts';
import type { BaseObservabilityInstance } from '../../core/instance.ts';
import { otel } from '../../plugins/otel/index.ts';
import { otelOptions } from '../../plugins/otel/options.ts';
import { createTestHost, type EntryPatch } from '../kit/host.ts';
import { type Outage, type OutageServer, startOutageServer } from './outage-server.ts';

/** An outage of several destinations at once, each failing in its own way. */
export interface OutageRun {
  kinds: readonly Outage[];
  spansPerSecond: number;
  outageMs: number;
  /** The `delivery` block of each entry. Default: none, so the defaults hold. */
  delivery?: DeliveryOptions;
  random: () => number;
}

/** What came of it at one destination. */
export interface OutageResult {
  kind: Outage;
  emitted: readonly string[];
  /** How often each span was stored. */
  held: ReadonlyMap<string, number>;
  /** The names in each request that was stored. */
  batches: readonly (readonly string[])[];
  /** From the recovery until everything was stored that had been emitted before it. */
  drainMs: number;
  /** Requests while it failed. */
  refusals: number;
  counts: SignalDiagnostics;
}

/** Spans while all works, before the outage. */
const WARM_UP_MS = 1_500;
/** An application emits in bursts rather than evenly. */
const BURST_MS = 25;
/** Longer than any destination may take to get everything. */
const PATIENCE_MS = 30_000;

/** Runs it: works, fails for `outageMs`, works again until all destinations have everything. */
export async function runOutage({
  kinds,
  delivery = {},
  random,
  ...run
}: OutageRun): Promise<OutageResult[]> {
  const servers = await Promise.all(kinds.map(startOutageServer));
  const plugins = Object.fromEntries(kinds.map((kind, n) => [kind, entryOf(servers[n]!.url, delivery)]));
  const host = createTestHost({ plugins, random });
  await host.start();
  const names: string[] = [];
  const emit = (ms: number, isDone?: () => boolean) =>
    emitFor(host.obs, names, run.spansPerSecond, ms, isDone);
  await emit(WARM_UP_MS);
  await Promise.all(servers.map((server) => server.fail()));
  await emit(run.outageMs);
  await Promise.all(servers.map((server) => server.recover()));
  const recoveredAt = performance.now();
  const before = new Set(names);
  const countsOf = (kind: Outage) => host.obs.diagnostics().plugins[kind]!.signals.tracing!;
  await emit(PATIENCE_MS, () => kinds.every((kind) => settledOf(countsOf(kind)) >= before.size));
  await host.obs.flush({ deadlineMs: PATIENCE_MS });
  const results = kinds.map((kind, n) => ({
    kind,
    emitted: names,
    counts: countsOf(kind),
    refusals: servers[n]!.refusals,
    ...judge(servers[n]!, before, recoveredAt),
  }));
  await host.obs.shutdown({ deadlineMs: 1_000 });
  await Promise.all(servers.map((server) => server.close()));
  return results;
}

function entryOf(endpoint: string, delivery: DeliveryOptions): EntryPatch {
  const { use, options } = otel({ endpoint, probe: false });
  return { plugin: use, options: otelOptions.parse(options), delivery };
}

/** Emits at a steady rate, by the clock, so that a pause of the event loop is caught up with. */
async function emitFor(
  obs: BaseObservabilityInstance,
  names: string[],
  perSecond: number,
  ms: number,
  isDone = () => false,
): Promise<void> {
  const [startedAt, before] = [performance.now(), names.length];
  for (let passed = 0; passed < ms && !isDone(); passed = performance.now() - startedAt) {
    for (const due = before + Math.floor((passed * perSecond) / 1_000); names.length < due; ) {
      const name = `span ${names.length}`;
      names.push(name);
      obs.startSpan({ name, type: 'generic', input: 'the question' }).end({ output: 'the answer' });
    }
    await sleep(BURST_MS);
  }
}

function settledOf({ delivered, dropped }: SignalDiagnostics): number {
  return delivered + Object.values(dropped).reduce((sum, n) => sum + n, 0);
}

function judge(server: OutageServer, before: ReadonlySet<string>, recoveredAt: number) {
  const held = new Map<string, number>();
  let drainedAt = recoveredAt;
  const stored = server.stored();
  for (const { at, names } of stored)
    for (const name of names) {
      if (before.has(name) && !held.has(name)) drainedAt = Math.max(drainedAt, at);
      held.set(name, (held.get(name) ?? 0) + 1);
    }
  return { held, batches: stored.map(({ names }) => names), drainMs: drainedAt - recoveredAt };
}
