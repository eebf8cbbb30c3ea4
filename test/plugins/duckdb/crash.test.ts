import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { ExportedSpan } from '../../../core/index.ts';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { buildPackage } from '../../kit/built-package.ts';
import { scratchDirectory } from './opened.ts';

const WRITER = fileURLToPath(new URL('./children/crash-writer.mjs', import.meta.url));
const { spansOf } = (await import(new URL('./children/crash-spans.mjs', import.meta.url).href)) as {
  spansOf: (batch: number, size: number, startMs: number) => ExportedSpan[];
};

/** `OBS_TEST_KILLS=200` is the long run. */
const KILLS = Number(process.env.OBS_TEST_KILLS ?? 20);
const SEED = Number(process.env.OBS_TEST_SEED ?? 42);
const SPANS = 40;
const START_MS = Date.now();

/** Numbers from 0 to 1, the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Lets a process write until it is killed, `delayMs` after it has said that the first batch is stored. */
async function writeAndKill(path: string, first: number, delayMs: number): Promise<Set<number>> {
  const args = [WRITER, await buildPackage(), path, first, SPANS, START_MS].map(String);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const exit = once(child, 'close');
  await once(child.stdout, 'data');
  await setTimeout(delayMs);
  child.kill('SIGKILL');
  await exit;
  // The last line may have been cut.
  return new Set(said.split('\n').slice(0, -1).map(Number));
}

describe('a process that is killed while it writes', () => {
  const directory = scratchDirectory();

  before(async function () {
    this.timeout(60_000);
    await buildPackage();
  });

  it(`loses nothing that was stored, and leaves no batch in part: ${KILLS} times at seeded moments`, async () => {
    const path = join(directory(), 'killed.duckdb');
    const store = new DuckDBStore({ thread: 'main', path });
    const random = seeded(SEED);
    const acked = new Set<number>();
    let next = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const stored = await writeAndKill(path, next, random() * 600);
      for (const batch of stored) acked.add(batch);
      next = Math.max(...stored) + 1;
      await store.init();
      for (const batch of stored) {
        const [{ traceId }] = spansOf(batch, 1, START_MS) as [ExportedSpan];
        const trace = await store.observability.getTrace({ traceId });
        expect(trace?.spans.length, `batch ${batch} of kill ${kill}`).to.equal(SPANS);
      }
      await expectWholeBatches(store);
      // All of it once more, also what was not known to be stored: nothing of it may be there twice.
      for (let batch = Math.max(0, next - 20); batch < next + 4; batch++) {
        await store.observability.batchCreateSpans({ records: spansOf(batch, SPANS, START_MS) });
      }
      next += 4;
      await expectWholeBatches(store, next);
      await store.close();
    }
    expect(acked.size).to.be.above(KILLS);
  }).timeout(30_000 + KILLS * 10_000);
});

/** Each trace has all its spans once; where `batches` is given, each batch up to it is there. */
async function expectWholeBatches(store: DuckDBStore, batches?: number): Promise<void> {
  const sql = `SELECT count(*) FILTER (spans <> ${SPANS} OR ids <> ${SPANS}) AS odd, count(*) AS traces FROM (
    SELECT count(*) AS spans, count(DISTINCT span_id) AS ids FROM obs_spans GROUP BY trace_id)`;
  const { rows } = await store.observability.runSql({ sql });
  const [[odd, traces]] = rows as unknown as [[unknown, unknown]];
  expect(Number(odd), 'batches in part or twice').to.equal(0);
  if (batches !== undefined) expect(Number(traces)).to.equal(batches);
}
