import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import fc from 'fast-check';
import type { ExportedSpan, ObservabilityStorage, TracePage } from '../../../core/index.ts';
import { OddTraces } from '../../../plugins/duckdb/read/odd-traces.ts';
import type { CommittedSpan } from '../../../plugins/duckdb/write/committed.ts';
import { storeInMemory } from './opened.ts';
import { START, span, spanId, started, traceId } from './records.ts';
import { search, summariesOf } from './trace-reference.ts';

const TRACES = 7;
const SPANS = 4;

type Pick = (max: number) => number;

/** One write: spans of a few traces, or the deletion of one. */
type Step = { spans: ExportedSpan[] } | { deleted: string };

/** Writes that make traces odd and plain again: parents and roots come late, come twice, change or go. */
function randomStep(seq: number, pick: Pick): Step {
  if (pick(9) === 0) return { deleted: traceId(pick(TRACES)) };
  const spans = Array.from({ length: 1 + pick(3) }, (_, index) => {
    const n = pick(SPANS);
    const parents = [undefined, undefined, spanId(0), spanId(1), 'ffffffffffffffff'];
    const startUnixMicro = START + pick(6);
    const make = pick(4) === 0 ? started : span;
    return make(pick(TRACES), n, {
      seq: seq * 4 + index,
      parentSpanId: pick(3) ? (n === 0 ? undefined : spanId(0)) : parents[pick(parents.length)],
      isRootSpan: pick(6) ? n === 0 : pick(2) === 0,
      startUnixMicro,
      startTime: new Date(startUnixMicro / 1000),
    });
  });
  return { spans };
}

/** The plain reference: what is stored after each of the steps. */
function statesAfter(steps: readonly Step[]): ExportedSpan[][] {
  const stored = new Map<string, ExportedSpan>();
  const states: ExportedSpan[][] = [[]];
  for (const step of steps) {
    if ('deleted' in step)
      for (const [key, { traceId: id }] of stored) id === step.deleted && stored.delete(key);
    else
      for (const one of step.spans) {
        const key = one.traceId + one.id;
        stored.set(key, { ...stored.get(key), ...one });
      }
    states.push([...stored.values()]);
  }
  return states;
}

function take(store: ObservabilityStorage, step: Step): Promise<unknown> {
  if ('deleted' in step) return store.batchDeleteTraces({ traceIds: [step.deleted] });
  return store.batchCreateSpans({ records: step.spans });
}

const listAll = (store: ObservabilityStorage): Promise<TracePage> =>
  store.listTraces({ pagination: { perPage: 100 } });
const expectedOf = (spans: ExportedSpan[]) => search(summariesOf(spans), {});
const textOf = (summaries: readonly object[]): string =>
  JSON.stringify(summaries.map((summary) => Object.entries(summary).sort()));

describe('traces without an entry span of their own, or with several', () => {
  const store = storeInMemory();

  it('are listed as a plain search finds them after every write', async () => {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (random) => {
        await store().dangerouslyClearAll();
        const pick: Pick = (max) => random(fc.nat, max - 1);
        const steps = Array.from({ length: 12 }, (_, seq) => randomStep(seq + 1, pick));
        const states = statesAfter(steps);
        for (const [index, step] of steps.entries()) {
          await take(store(), step);
          if (pick(3) === 0) continue;
          const { spans, pagination } = await listAll(store());
          expect(spans, JSON.stringify(steps.slice(0, index + 1))).to.deep.equal(
            expectedOf(states[index + 1]!),
          );
          expect(pagination.total).to.equal(spans.length);
        }
      }),
      { seed: 5150, numRuns: 8 },
    );
  }).timeout(60_000);

  it('are listed as they were at one moment, however many writes go on meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (random) => {
        await store().dangerouslyClearAll();
        const pick: Pick = (max) => random(fc.nat, max - 1);
        const steps = Array.from({ length: 40 }, (_, seq) => randomStep(seq + 1, pick));
        const moments = statesAfter(steps).map((state) => textOf(expectedOf(state)));
        const writes: Promise<unknown>[] = [];
        const lists: Promise<TracePage>[] = [];
        for (const step of steps) {
          writes.push(take(store(), step));
          if (pick(2)) lists.push(listAll(store()));
          if (pick(3) === 0) await lists.at(-1);
          if (pick(4) === 0) await writes.at(-1);
        }
        for (const { spans, pagination } of await Promise.all(lists)) {
          expect(moments).to.include(textOf(spans));
          expect(pagination.total).to.equal(spans.length);
        }
        await Promise.all(writes);
        expect(textOf((await listAll(store())).spans)).to.equal(moments.at(-1));
      }),
      { seed: 909, numRuns: 5 },
    );
  }).timeout(60_000);

  it('are listed right also when there are more than are told apart', async () => {
    const strays = Array.from({ length: 20_050 }, (_, n) => span(n, 1, { parentSpanId: 'ffffffffffffffff' }));
    await store().batchCreateSpans({ records: [span(30_000, 0), ...strays] });
    const { spans, pagination } = await store().listTraces({ pagination: { perPage: 3 } });
    expect(pagination.total).to.equal(20_051);
    expect(spans.map((found) => found.traceId)).to.deep.equal([30_000, 20_049, 20_048].map(traceId));
    await store().batchCreateSpans({ records: [span(30_001, 0), span(30_001, 1)] });
    await store().batchDeleteTraces({ traceIds: [traceId(30_000)] });
    const after = await store().listTraces({ pagination: { perPage: 1 } });
    expect(after.pagination.total).to.equal(20_051);
    expect(after.spans[0]?.traceId).to.equal(traceId(30_001));
  }).timeout(30_000);
});

describe('what is known of odd traces while a commit is under way', () => {
  const written = { key: '', traceId: 'a', spanId: '1', isWhole: true, isNew: true };
  const root = { ...written, hasParent: false, isRoot: true };
  const stray = { ...written, hasParent: true, isRoot: false };
  let instance: DuckDBInstance;
  let writer: DuckDBConnection;
  let reader: DuckDBConnection;
  let odd: OddTraces;

  beforeEach(async () => {
    instance = await DuckDBInstance.create(':memory:');
    [writer, reader] = [await instance.connect(), await instance.connect()];
    await writer.run(`CREATE TABLE obs_meta (key VARCHAR); CREATE TABLE obs_spans (
      trace_id VARCHAR, span_id VARCHAR, parent_span_id VARCHAR, started_at TIMESTAMP, is_root_span BOOLEAN)`);
    odd = new OddTraces();
  });
  afterEach(() => {
    for (const connection of [reader, writer]) connection.closeSync();
    instance.closeSync();
  });

  const known = async () => [...((await odd.in(reader)) ?? ['too many'])];
  async function commit(span: CommittedSpan, beforeCommit: () => Promise<unknown> = async () => {}) {
    odd.committing([span]);
    await writer.run('BEGIN TRANSACTION');
    await writer.run('INSERT INTO obs_spans VALUES ($1, $2, $3, make_timestamp(0), $4)', [
      span.traceId,
      span.spanId,
      span.hasParent ? 'ffff' : null,
      span.isRoot,
    ]);
    await beforeCommit();
    await writer.run('COMMIT');
  }

  it('a commit that is stored and not told yet is known', async () => {
    expect(await known()).to.deep.equal([]);
    await commit(stray);
    expect(await known()).to.deep.equal(['a']);
    odd.note({ deleted: [] });
    expect(await known()).to.deep.equal(['a']);
  });

  it('a look at the file does not settle what the commit under way will make odd', async () => {
    await commit({ ...root, spanId: '2' });
    odd.note({ deleted: [] });
    expect(await known()).to.deep.equal([]);
    await commit({ ...root, spanId: '3' }, async () => expect(await known()).to.deep.equal(['a']));
    expect(await known()).to.deep.equal(['a']);
    odd.note({ deleted: [] });
    expect(await known()).to.deep.equal(['a']);
  });

  it('a commit that begins and ends during a look is known to it', async () => {
    await commit(stray);
    odd.note({ deleted: [] });
    const looking = known();
    for (let turn = 0; turn < 5; turn++) await undefined;
    odd.committing([{ ...stray, traceId: 'b' }]);
    odd.note({ deleted: [] });
    expect(await looking).to.include('b');
    expect(await known()).to.deep.equal(['a']);
  });

  it('a commit that failed is looked at like any other', async () => {
    expect(await known()).to.deep.equal([]);
    odd.committing([stray]);
    odd.committing([{ ...root, traceId: 'b' }]);
    expect(await known()).to.deep.equal(['b']);
  });

  it('a span below the only root of a plain trace leaves it plain, without a look', async () => {
    await commit(root);
    odd.note({ deleted: [] });
    expect(await known()).to.deep.equal([]);
    await commit(root);
    odd.note({ deleted: [] });
    await writer.run("DELETE FROM obs_spans WHERE span_id = '1'");
    await commit(root);
    odd.note({ deleted: [] });
    expect(await known()).to.deep.equal([]);
    odd.committing([{ ...stray, spanId: '2' }]);
    expect(await known()).to.deep.equal([]);
    odd.note({ deleted: ['a'] });
    odd.committing([{ ...stray, spanId: '2' }]);
    expect(await known()).to.deep.equal(['a']);
  });
});

describe('a transaction of DuckDB that reads', () => {
  it('takes its snapshot with its first query, not when it begins', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const [writer, reader] = [await instance.connect(), await instance.connect()];
    const count = async () => (await reader.runAndReadAll('SELECT count(*) FROM t')).getRows()[0]?.[0];
    await writer.run("ATTACH ':memory:' AS obs; USE obs; CREATE TABLE t (i INT); CREATE TABLE other (i INT)");
    await reader.run('USE obs; BEGIN TRANSACTION READ ONLY');
    await writer.run('INSERT INTO t VALUES (1)');
    await reader.run('SELECT 1 FROM other LIMIT 1');
    await writer.run('INSERT INTO t VALUES (2)');
    expect(await count()).to.equal(1n);
    await reader.run('COMMIT; BEGIN TRANSACTION READ ONLY');
    expect(await count()).to.equal(2n);
    for (const connection of [reader, writer]) connection.closeSync();
    instance.closeSync();
  });
});
