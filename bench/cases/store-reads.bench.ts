import type { BenchCase, Measures } from '../case.ts';
import { median } from '../statistics.ts';
import { openBigOurs, openBigPeer, traceIdAt } from '../store/big.ts';
import { inDirectory } from '../store/directory.ts';

/** `OBS_BENCH_SPANS=5000000 OBS_BENCH_ONLY=ours npm run bench -- store-reads` is the large run of docs/benchmarks.md. */
const SPANS = Number(process.env['OBS_BENCH_SPANS'] ?? 1_000_000);
const IS_PEER = process.env['OBS_BENCH_ONLY'] !== 'ours';
const QUERIES = 15;
const WARM_UP = 3;

/** What both stores can be asked. */
interface Readable {
  listTraces(args: object): Promise<{ spans: unknown[]; pagination: { total: number } }>;
  getTrace(args: { traceId: string }): Promise<unknown>;
}

/**
 * Milliseconds from the call to the result in the caller's hands, in the middle of 15. The first page of each list is
 * asked again and again, as whoever looks at a list does, but each time for another user; the first one, for which all
 * has to be counted, is not among the 15.
 */
export default {
  title: `questions to a file of ${SPANS.toLocaleString('en-US')} spans`,
  rounds: 3,
  subjects: {
    ...(IS_PEER && {
      '@mastra/duckdb': () => inDirectory(async (at) => ask((await openBigPeer(at, SPANS)) as Readable)),
    }),
    'obs-kit': () =>
      inDirectory(async (at) => {
        const store = await openBigOurs(at, SPANS);
        const measures = await ask(store.observability as unknown as Readable);
        await store.close();
        return measures;
      }),
  },
} satisfies BenchCase;

async function ask(store: Readable): Promise<Measures> {
  const pagination = { page: 0, perPage: 50 };
  const traces = Math.floor(SPANS / 8);
  const ids = await Promise.all(
    Array.from({ length: QUERIES + WARM_UP }, (_, n) => traceIdAt(Math.floor((traces / 20) * n))),
  );
  return {
    'newest 50 (ms)': await timeOf(() => store.listTraces({ pagination })),
    'of a user (ms)': await timeOf((n) => store.listTraces({ pagination, filters: { userId: `user-${n}` } })),
    'with errors below (ms)': await timeOf(() =>
      store.listTraces({ pagination, filters: { hasChildError: true } }),
    ),
    'one trace (ms)': await timeOf((n) => store.getTrace({ traceId: ids[n]! })),
  };
}

async function timeOf(query: (n: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < QUERIES + WARM_UP; n++) {
    const startedAt = performance.now();
    await query(n);
    if (n >= WARM_UP) times.push(performance.now() - startedAt);
  }
  return median(times);
}
