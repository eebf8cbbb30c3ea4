import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type BaseObservabilityInstance, createObs } from '../../core/index.ts';
import { duckdb } from '../../plugins/duckdb/index.ts';
import { tenAttributes } from '../attributes.ts';
import type { BenchCase, Measures } from '../case.ts';

/** Spans made before other work has its turn, as a request does. */
const AT_ONCE = 50;
/** Events that may wait before the benchmark does: half of the queue, so that none is dropped. */
const MAX_QUEUED = 4_096;

/** The whole way from the emitter into the file, by way of the host: what one process can store. */
export default {
  title: 'spans into a DuckDB file, from startSpan() until flush() has them written',
  rounds: 3,
  compared: 'not',
  subjects: {
    '20,000 spans with 10 attributes': () => ingest(20_000, small),
    '5,000 model calls with 3.4 kB of text': () => ingest(5_000, modelCall),
  },
} satisfies BenchCase;

type MakeSpan = (obs: BaseObservabilityInstance, i: number) => void;

async function ingest(count: number, makeSpan: MakeSpan): Promise<Measures> {
  const directory = mkdtempSync(join(tmpdir(), 'obs-bench-'));
  const plugins = { local: duckdb({ path: join(directory, 'bench.duckdb') }) };
  const obs = await createObs({}, { config: { plugins }, env: {}, environment: 'production' });
  await fill(obs, 100, makeSpan);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedAt = performance.now();
  await fill(obs, count, makeSpan);
  const seconds = (performance.now() - startedAt) / 1_000;
  delay.disable();
  assertAllStored(obs);
  await obs.shutdown();
  rmSync(directory, { recursive: true });
  return { 'spans/s': count / seconds, 'longest delay (ms)': delay.max / 1e6 };
}

async function fill(obs: BaseObservabilityInstance, count: number, makeSpan: MakeSpan): Promise<void> {
  for (let i = 0; i < count; i++) {
    makeSpan(obs, i);
    if (i % AT_ONCE !== 0) continue;
    await nextTurn();
    while (queued(obs) > MAX_QUEUED) await nextTurn();
  }
  await obs.flush({ deadlineMs: 120_000 });
}

function queued(obs: BaseObservabilityInstance): number {
  return obs.diagnostics().plugins.local?.signals.tracing?.queued ?? 0;
}

function assertAllStored(obs: BaseObservabilityInstance): void {
  const { accepted, delivered } = obs.diagnostics().plugins.local!.signals.tracing!;
  if (accepted !== delivered) throw new Error(`${accepted} events were accepted and ${delivered} stored`);
}

const small: MakeSpan = (obs, i) => obs.startSpan({ name: 'work', attributes: tenAttributes(i) }).end();

const SENTENCE = 'The quick brown fox asks the assistant for the invoice of last month, please. ';

const modelCall: MakeSpan = (obs, i) => {
  const input = { messages: [{ role: 'user', content: `${i}: ${SENTENCE.repeat(30)}` }] };
  const attributes = {
    model: 'claude-sonnet-4-5',
    provider: 'anthropic',
    usage: { inputTokens: 600, outputTokens: 200 },
  };
  const span = obs.startSpan({ name: 'chat', type: 'model_generation', input, attributes });
  span.end({ output: { text: `${i}: ${SENTENCE.repeat(12)}` } });
};
