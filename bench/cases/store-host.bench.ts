import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BaseObservabilityInstance, createObs, definePlugin } from 'obs-kit';
import { duckdb } from 'obs-kit/duckdb';
import type { BenchCase, Measures } from '../case.ts';
import { inDirectory } from '../store/directory.ts';
import { makeSpans, type Profile } from '../store/spans.ts';

const SECONDS = 8;
/** A request makes some spans at once, then waits. */
const EVERY_MS = 20;

/** Takes the same events in the same batches and lets them go: what the store costs is the difference. */
const nothing = definePlugin({
  name: 'nothing',
  apiVersion: 1,
  kind: 'exporter',
  signals: ['tracing'],
  apply: (host) => host.deliver.tracing(async () => {}, { maxItems: 2_048, maxDelayMs: 250 }),
});

const withStore = (at: string) => ({ local: duckdb({ path: join(at, 'obs.duckdb') }) });
const withNothing = () => ({ local: nothing() });

/** An application that makes spans at a steady rate, through the whole host. */
export default {
  title: `an application at a steady rate for ${SECONDS} s, start and end of each span through the host`,
  rounds: 5,
  compared: 'not',
  subjects: {
    '1,500 model calls/s, no store': () => inDirectory(() => run(withNothing(), 'llm', 1_500)),
    '1,500 model calls/s': () => inDirectory((at) => run(withStore(at), 'llm', 1_500)),
    '3,000 model calls/s': () => inDirectory((at) => run(withStore(at), 'llm', 3_000)),
    '5,000 small spans/s, no store': () => inDirectory(() => run(withNothing(), 'small', 5_000)),
    '5,000 small spans/s': () => inDirectory((at) => run(withStore(at), 'small', 5_000)),
  },
} satisfies BenchCase;

async function run(plugins: object, profile: Profile, rate: number): Promise<Measures> {
  const obs = await createObs({}, { config: { plugins }, env: {}, environment: 'production' } as never);
  await obs.flush();
  const models = makeSpans(4_000, profile);
  emit(obs, models.slice(0, 500));
  await obs.flush();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const before = { busyMs: mainThreadMs(), counts: counts(obs) };
  const startedAt = performance.now();
  let made = 0;
  while (performance.now() - startedAt < SECONDS * 1_000) {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * rate) - made;
    for (; due > 0 && made < ((performance.now() - startedAt) / 1_000) * rate; made++)
      emit(obs, [models[made % models.length]!]);
    await sleep(EVERY_MS);
  }
  const stored = (counts(obs).delivered - before.counts.delivered) / 2;
  const busyMs = mainThreadMs() - before.busyMs;
  delay.disable();
  await obs.shutdown();
  return {
    'offered/s': made / SECONDS,
    'stored of it %': (stored / made) * 100,
    'main thread µs/span': (busyMs * 1_000) / made,
    'delay p99 (ms)': delay.percentile(99) / 1e6,
    'delay max (ms)': delay.max / 1e6,
  };
}

function emit(obs: BaseObservabilityInstance, models: ReturnType<typeof makeSpans>): void {
  for (const { name, type, input, output, attributes } of models)
    obs.startSpan({ name, type, input, attributes } as never).end({ output });
}

/** Milliseconds for which this thread had a CPU, or was not idle where the system does not tell. */
function mainThreadMs(): number {
  if (process.platform !== 'linux') return performance.eventLoopUtilization().active;
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

function counts(obs: BaseObservabilityInstance) {
  return obs.diagnostics().plugins.local!.signals.tracing!;
}
