import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryOptions } from '../../core/delivery/options.ts';
import { otel } from '../../plugins/otel/index.ts';
import { otelOptions } from '../../plugins/otel/options.ts';
import { hang, ok, type ReceivedRequest, startFaultServer } from '../kit/fault-server.ts';
import { createTestHost, type TestHost } from '../kit/host.ts';
import { decodeRequest, spansOf } from '../kit/otlp.ts';

/** Four exporters in one process, of which the last one hangs for a while. */
export interface IsolationRun {
  spansPerSecond: number;
  /** Of each phase: all work, and one hangs. */
  phaseMs: number;
  /** The `delivery` block of all. */
  delivery: DeliveryOptions;
  random: () => number;
}

/** What came of it. */
export interface IsolationResult {
  /** Milliseconds from the emit to the arrival at the three others, in rising order. */
  control: number[];
  whileOneHangs: number[];
  /** From the first request that hung until the circuit of its exporter was open. */
  openedAfterMs: number | undefined;
  /** From the recovery until it was closed. */
  closedAfterMs: number | undefined;
  emitted: number;
  /** Spans that each destination holds. */
  held: number[];
  /** Deliveries other than that of the one that hangs that were ever not closed. */
  othersOpened: string[];
}

const KEYS = ['first', 'second', 'third', 'hanging'] as const;
const [HANGING] = KEYS.slice(-1) as ['hanging'];
const POLL_MS = 20;

/** Runs it: all work, one hangs, all work again. */
export async function runIsolation({ spansPerSecond, phaseMs, delivery, random }: IsolationRun) {
  const arrivals: { at: number; key: string; request: ReceivedRequest }[] = [];
  const servers = await Promise.all(KEYS.map(() => startFaultServer()));
  const take =
    (key: string) => (request: ReceivedRequest, response: Parameters<ReturnType<typeof ok>>[1]) => {
      arrivals.push({ at: performance.now(), key, request });
      ok()(request, response);
    };
  const plugins = KEYS.map((key, n) => {
    servers[n]!.otherwise = take(key);
    const { use, options } = otel({ endpoint: servers[n]!.url, probe: false });
    return [key, { plugin: use, options: otelOptions.parse(options), delivery }] as const;
  });
  const host = createTestHost({ plugins: Object.fromEntries(plugins), random });
  await host.start();
  const watch = watchCircuits(host);
  const emittedAt: number[] = [];
  const emit = () => emitFor(host, emittedAt, spansPerSecond, phaseMs);
  await emit(); // compiles what runs
  const controlFrom = emittedAt.length;
  await emit();
  await host.obs.flush();
  const hangFrom = emittedAt.length;
  let hungAt: number | undefined;
  servers.at(-1)!.otherwise = (request, response) => {
    hungAt ??= performance.now();
    hang()(request, response);
  };
  await emit();
  const recoveredAt = performance.now();
  servers.at(-1)!.otherwise = take(HANGING);
  const until = emittedAt.length;
  const { isComplete } = await host.obs.flush({ deadlineMs: 15_000 });
  watch.stop();
  await host.obs.shutdown({ deadlineMs: 1_000 });
  await Promise.all(servers.map((server) => server.close()));
  const timesOf = (from: number, to: number) => latencies(arrivals, emittedAt, from, to);
  return {
    control: timesOf(controlFrom, hangFrom),
    whileOneHangs: timesOf(hangFrom, until),
    openedAfterMs: watch.openedAt && hungAt && watch.openedAt - hungAt,
    closedAfterMs: isComplete && watch.closedAt ? Math.max(0, watch.closedAt - recoveredAt) : undefined,
    emitted: emittedAt.length,
    held: KEYS.map((key) => new Set(arrivals.filter((one) => one.key === key).flatMap(namesIn)).size),
    othersOpened: [...watch.others],
  } satisfies IsolationResult;
}

function watchCircuits({ obs }: TestHost) {
  const others = new Set<string>();
  const seen = { openedAt: undefined as number | undefined, closedAt: undefined as number | undefined };
  const look = () => {
    const { plugins } = obs.diagnostics();
    for (const key of KEYS) {
      const isOpen = plugins[key]!.signals.tracing!.circuit !== 'closed';
      if (key !== HANGING && isOpen) others.add(key);
      if (key === HANGING && isOpen) seen.openedAt ??= performance.now();
      if (key === HANGING && !isOpen && seen.openedAt) seen.closedAt ??= performance.now();
    }
  };
  const timer = setInterval(look, POLL_MS);
  const stop = () => {
    clearInterval(timer);
    // What closed it may have come since the last look.
    look();
  };
  return Object.assign(seen, { others, stop });
}

async function emitFor(host: TestHost, emittedAt: number[], perSecond: number, ms: number): Promise<void> {
  const [startedAt, before] = [performance.now(), emittedAt.length];
  for (let passed = 0; passed < ms; passed = performance.now() - startedAt) {
    for (const due = before + Math.floor((passed * perSecond) / 1_000); emittedAt.length < due; ) {
      const name = String(emittedAt.length);
      emittedAt.push(performance.now());
      host.obs.startSpan({ name, type: 'generic' }).end();
    }
    await sleep(10);
  }
}

function latencies(
  arrivals: readonly { at: number; key: string; request: ReceivedRequest }[],
  emittedAt: readonly number[],
  from: number,
  to: number,
): number[] {
  return arrivals
    .filter(({ key }) => key !== HANGING)
    .flatMap((arrival) => namesIn(arrival).map((name) => [Number(name), arrival.at] as const))
    .filter(([n]) => n >= from && n < to)
    .map(([n, at]) => at - emittedAt[n]!)
    .sort((a, b) => a - b);
}

function namesIn({ request }: { request: ReceivedRequest }): string[] {
  return spansOf(decodeRequest('traces', request.body)).map(({ name }) => name);
}
