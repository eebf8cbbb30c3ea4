import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createObs, type Observability } from 'obs-kit';
import { duckdb } from 'obs-kit/duckdb';
import { json } from 'obs-kit/json';
import { langfuse } from 'obs-kit/langfuse';
import { otel } from 'obs-kit/otel';
import type { BenchCase, Measures } from '../case.ts';
import { startDrain } from '../export/drain.ts';
import { inDirectory } from '../store/directory.ts';

const PHASE_MS = 6_000;
const ROUNDS = 2;

/** What an application feels of it, by events a second: each call, and the event loop. */
export default {
  title: 'json, duckdb, otel and langfuse, in turn with nobody listening in one process',
  rounds: 3,
  compared: 'not',
  subjects: {
    '20,000 events/s': () => inDirectory((at) => measure(20_000, () => fourPlugins(at))),
    '20,000 objects/s, kept 200 ms': () => measureKept(20_000),
    '5,000 events/s': () => inDirectory((at) => measure(5_000, () => fourPlugins(at))),
    '5,000 objects/s, kept 200 ms': () => measureKept(5_000),
  },
} satisfies BenchCase;

type Plugins = {
  plugins: NonNullable<NonNullable<NonNullable<Parameters<typeof createObs>[1]>['config']>['plugins']>;
  close(): void;
};

async function fourPlugins(at: string): Promise<Plugins> {
  const receiver = await startDrain();
  const { url } = receiver;
  const plugins = {
    json: json({ destination: join(at, 'events.jsonl') }),
    duckdb: duckdb({ path: join(at, 'obs.duckdb') }),
    otel: otel({ endpoint: url, probe: false }),
    langfuse: langfuse({ publicKey: 'pk-lf-bench', secretKey: 'sk-lf-bench', baseUrl: url }),
  };
  return { plugins, close: receiver.close };
}

async function measure(perSecond: number, start: () => Promise<Plugins>): Promise<Measures> {
  const { plugins, close } = await start();
  const context = { env: {}, environment: 'production', warn: () => {} };
  const silent = await createObs({}, { config: { plugins: {} }, ...context });
  const obs = await createObs({}, { config: { plugins }, ...context });
  await run(tenEvents(obs), perSecond, PHASE_MS / 2); // compiles what runs
  await settle(obs);
  const control = newPhase(perSecond);
  const loud = newPhase(perSecond);
  for (let round = 0; round < ROUNDS; round++) {
    await run(tenEvents(silent), perSecond, PHASE_MS, control);
    await run(tenEvents(obs), perSecond, PHASE_MS, loud);
    await settle(obs);
  }
  const lost = lostOf(obs);
  await obs.shutdown();
  await silent.shutdown();
  close();
  return measuresOf(loud, control, lost);
}

/** What the machine takes for it when nothing is done with as many objects of that size but to keep them for a while. */
async function measureKept(perSecond: number): Promise<Measures> {
  const kept: object[] = [];
  const most = perSecond / 5;
  const tenObjects: TenCalls = (n, lap) => {
    for (let i = 0; i < 10; i++) {
      kept.push({ of: objectLikeEvent(n + i), places: [{ n }, { n }, { n }, { n }] });
      lap();
    }
    if (kept.length > 1.5 * most) kept.splice(0, kept.length - most);
  };
  await run(tenObjects, perSecond, PHASE_MS / 2);
  const control = newPhase(perSecond);
  const loud = newPhase(perSecond);
  for (let round = 0; round < ROUNDS; round++) {
    await run(() => {}, perSecond, PHASE_MS, control);
    await run(tenObjects, perSecond, PHASE_MS, loud);
  }
  return measuresOf(loud, control, 0);
}

function objectLikeEvent(n: number): object {
  const input = { ...QUESTION, content: `${QUESTION.content}${n}` };
  const usage = { inputTokens: n, outputTokens: 200 };
  const times = { startTime: new Date(n), endTime: new Date(n), startUnixMicro: n, endUnixMicro: n };
  const span = { id: `s${n}`, traceId: `t${n}`, name: 'chat', type: 'model_generation', ...times };
  return {
    type: 'span.ended',
    exportedSpan: { ...span, input, output: ANSWER, attributes: { ...MODEL, usage } },
  };
}

function measuresOf(loud: Phase, control: Phase, lost: number): Measures {
  const delay = (phase: Phase) => percentile(phase.delays, 0.999);
  return {
    'call p50 µs': percentile(loud.calls, 0.5) * 1_000,
    'call p99 µs': percentile(loud.calls, 0.99) * 1_000,
    'call p99.9 µs': percentile(loud.calls, 0.999) * 1_000,
    'loop p99.9 ms, silent': delay(control),
    'loop p99.9 ms': delay(loud),
    'added ms': delay(loud) - delay(control),
    'loop max ms': percentile(loud.delays, 1),
    'events/s': (loud.events * 1_000) / (PHASE_MS * ROUNDS),
    lost,
  };
}

/** Lets all of it be sent, so that the next phase has nothing of this one. */
async function settle(obs: Observability): Promise<void> {
  await obs.flush({ deadlineMs: 60_000 });
  await sleep(500);
}

function percentile(values: number[] | Float64Array, share: number): number {
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

interface Phase {
  /** From one turn of the application to the next, beyond what it asked for, in milliseconds. */
  delays: number[];
  /** Of each call, in milliseconds; made beforehand, since a list that grows is copied. */
  calls: Float64Array;
  called: number;
  events: number;
}

function newPhase(perSecond: number): Phase {
  const calls = new Float64Array((perSecond * PHASE_MS * ROUNDS) / 1_000);
  return { delays: [], calls, called: 0, events: 0 };
}

/** Emits by the clock, in portions as small as timers allow. */
async function run(
  tenCalls: TenCalls,
  perSecond: number,
  ms: number,
  phase = newPhase(perSecond),
): Promise<void> {
  const startedAt = performance.now();
  let emitted = 0;
  let turnAt = startedAt;
  let last = 0;
  const { calls } = phase;
  const lap = () => {
    calls[phase.called++ % calls.length] = performance.now() - last;
    last = performance.now();
  };
  for (let passed = 0; passed < ms; passed = performance.now() - startedAt) {
    for (const due = (passed * perSecond) / 1_000; emitted < due; emitted += 10) {
      last = performance.now();
      tenCalls(emitted, lap);
    }
    await sleep(1);
    const now = performance.now();
    phase.delays.push(now - turnAt - 1);
    turnAt = now;
  }
  phase.events += emitted;
}

/** Makes ten events or objects; `lap` is called after each. */
type TenCalls = (n: number, lap: () => void) => void;

/** Four spans, a log and a metric: ten events. */
function tenEvents(obs: Observability): TenCalls {
  const counter = obs.metrics.counter('requests');
  return (n, lap) => {
    const userId = `user-${n % 100}`;
    const root = obs.startSpan({ name: 'agent', type: 'agent_run', input: QUESTION, userId });
    lap();
    for (let child = 0; child < 3; child++) {
      const attributes = MODEL;
      const type = 'model_generation';
      const span = root.createChildSpan({ name: 'chat', type, input: QUESTION, attributes });
      lap();
      span.end({ output: ANSWER, attributes: { usage: { inputTokens: 600, outputTokens: 200 } } });
      lap();
    }
    obs.logger.info('answered', { order: n });
    lap();
    counter.add(1, { route: '/chat' });
    lap();
    root.end({ output: ANSWER });
    lap();
  };
}

function lostOf(obs: Observability): number {
  const signals = Object.values(obs.diagnostics().plugins).flatMap((plugin) => Object.values(plugin.signals));
  const dropped = signals.flatMap((counts) => Object.values(counts.dropped));
  return dropped.reduce((sum, n) => sum + n, 0);
}

const QUESTION = { role: 'user', content: 'Where is my order, please? '.repeat(10) };
const ANSWER = 'It is on its way. '.repeat(10);
const MODEL = { model: 'claude-sonnet-4-5', provider: 'anthropic' };
