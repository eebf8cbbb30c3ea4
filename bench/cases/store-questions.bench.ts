import { join } from 'node:path';
import { DuckDBStore } from 'obs-kit/duckdb';
import type { BenchCase, Measures } from '../case.ts';
import { median } from '../statistics.ts';
import { FIRST_MS, fill, openBigOurs } from '../store/big.ts';
import { inDirectory } from '../store/directory.ts';
import { makeSpans } from '../store/spans.ts';

const TIMES = 9;
const POINTS = 5_000_000;
const SPANS = 1_000_000;
const DAYS = 30;
const DAY_MS = 86_400_000;

/** What only this project's store is asked. */
export default {
  title: 'larger questions and care',
  rounds: 3,
  compared: 'not',
  subjects: {
    'skeleton of a trace of 10,000 spans': () => inDirectory(structure),
    'percentiles by hour and label of one day, of 5M points in 30 days': () => inDirectory(percentiles),
    'newest 50 of 1M spans, each time after a write': () => inDirectory((at) => afterWrite(at, {})),
    'newest 50 with errors below of 1M spans, each time after a write': () =>
      inDirectory((at) => afterWrite(at, { hasChildError: true })),
    'delete half of 1M spans by age': () => inDirectory(deletion),
  },
} satisfies BenchCase;

async function structure(at: string): Promise<Measures> {
  const store = new DuckDBStore({ path: join(at, 'obs.duckdb') });
  await store.init();
  const { traceId } = makeSpans(1, 'small')[0]!;
  const spans = makeSpans(10_000, 'llm').map((span) => ({ ...span, traceId }));
  await store.observability.batchCreateSpans({ records: spans });
  // So much text is folded into the file at once, which is measured elsewhere: here it is over first.
  await store.close();
  await store.init();
  let bytes = 0;
  const ms = await timeOf(async () => {
    bytes = JSON.stringify(await store.observability.getStructure({ traceId })).length;
  });
  await store.close();
  return { ms, 'kB of JSON': bytes / 1_000 };
}

async function percentiles(at: string): Promise<Measures> {
  const path = join(at, 'obs.duckdb');
  const store = new DuckDBStore({ path });
  await store.init();
  await store.close();
  const apartMicro = (DAYS * DAY_MS * 1_000) / POINTS;
  await fill(
    path,
    `INSERT INTO big.obs_metric_series (series_id, name, metric_type, labels)
     SELECT i, 'duration', 'histogram', '{"model":"m' || i % 5 || '","region":"r' || i // 5 || '"}' FROM range(20) r(i)`,
    `INSERT INTO big.obs_metric_points (id, "timestamp", series_id, value)
     SELECT printf('%032x', i), make_timestamp(${FIRST_MS * 1_000} + (i * ${apartMicro})::BIGINT), i % 20, (i * 7919) % 10007
     FROM range(${POINTS}) r(i)`,
  );
  await store.init();
  const timestamp = { start: new Date(FIRST_MS + 14 * DAY_MS), end: new Date(FIRST_MS + 15 * DAY_MS - 1) };
  const args = { filters: { name: 'duration', timestamp }, interval: '1h', by: ['model'] };
  let series = 0;
  const ms = await timeOf(async () => {
    ({ length: series } = (await store.observability.getMetricPercentiles(args)).series);
  });
  await store.close();
  if (series !== 5) throw new Error(`5 series were expected, not ${series}`);
  return { ms, 'kB of JSON': 0 };
}

/** What is remembered of the last list is of no use after a write. */
async function afterWrite(at: string, filters: object): Promise<Measures> {
  const store = await openBigOurs(at, SPANS);
  const { observability } = store;
  const spans = makeSpans(TIMES * 8, 'small');
  const write = () => observability.batchCreateSpans({ records: spans.splice(0, 8) });
  const ms = await timeOf(() => observability.listTraces({ pagination: { perPage: 50 }, filters }), write);
  await store.close();
  return { ms, 'kB of JSON': 0 };
}

async function deletion(at: string): Promise<Measures> {
  const filled = await openBigOurs(at, SPANS);
  await filled.close();
  // So old that the first half of the traces goes.
  const middleMs = FIRST_MS + (SPANS / 8 / 2) * 40;
  const maxAgeDays = (Date.now() - middleMs) / 86_400_000;
  const store = new DuckDBStore({ path: join(at, 'obs.duckdb'), retention: { tracing: { maxAgeDays } } });
  await store.init();
  const startedAt = performance.now();
  const { deleted } = await store.observability.prune();
  const ms = performance.now() - startedAt;
  await store.close();
  const [{ records } = { records: 0 }] = deleted;
  if (Math.abs(records - SPANS / 2) > SPANS / 100) throw new Error(`${records} spans were deleted`);
  return { ms, 'kB of JSON': 0 };
}

async function timeOf(
  query: () => Promise<unknown>,
  before: () => Promise<unknown> = async () => {},
): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < TIMES; n++) {
    await before();
    const startedAt = performance.now();
    await query();
    times.push(performance.now() - startedAt);
  }
  return median(times);
}
