import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createObs } from 'obs-kit';
import { duckdb } from 'obs-kit/duckdb';
import type { BenchCase, Measures } from '../case.ts';
import { inDirectory } from '../store/directory.ts';
import { makeSpans } from '../store/spans.ts';

const SPANS = 4_000;
/** Spans made before other work has its turn, as a request does. */
const AT_ONCE = 50;
const MAX_QUEUED = 8_192;

type Strategy = 'batch-with-updates' | 'insert-only' | 'realtime';

/** The same application with each strategy: start, one update and end of every model call. */
export default {
  title: `${SPANS.toLocaleString('en-US')} model calls (start, update, end) until all is stored`,
  rounds: 5,
  subjects: {
    'batch-with-updates': () => inDirectory((at) => store(at, 'batch-with-updates')),
    'insert-only': () => inDirectory((at) => store(at, 'insert-only')),
    realtime: () => inDirectory((at) => store(at, 'realtime')),
  },
} satisfies BenchCase;

async function store(at: string, strategy: Strategy): Promise<Measures> {
  const local = { use: duckdb({ path: join(at, 'obs.duckdb') }), strategy: { tracing: strategy } };
  const context = { config: { plugins: { local } }, env: {}, environment: 'production' };
  const obs = await createObs({}, context as never);
  await obs.flush();
  const models = makeSpans(SPANS, 'llm');
  const counts = () => obs.diagnostics().plugins.local!.signals.tracing!;
  const before = process.cpuUsage();
  const startedAt = performance.now();
  for (const [n, { name, type, input, output, attributes }] of models.entries()) {
    const span = obs.startSpan({ name, type, input, attributes } as never);
    span.update({ metadata: { n } });
    span.end({ output });
    if (n % AT_ONCE !== 0) continue;
    await nextTurn();
    while (counts().queued > MAX_QUEUED) await nextTurn();
  }
  await obs.flush({ deadlineMs: 300_000 });
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(before);
  const { accepted, delivered } = counts();
  if (accepted !== delivered) throw new Error(`${accepted} events were accepted and ${delivered} stored`);
  await obs.shutdown();
  return { 'spans/s': SPANS / seconds, 'CPU µs/span': (user + system) / SPANS };
}
