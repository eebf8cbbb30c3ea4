import { expect } from 'chai';
import { type OldPart, oldParts } from '../../../plugins/duckdb/care/old-traces.ts';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { engineInMemory } from './opened.ts';
import { span, started, traceId } from './records.ts';

const DAY_MICROS = 24 * 60 * 60 * 1_000_000;

describe('what is too old is cut into parts', () => {
  const { store, read } = engineInMemory();
  before(() => store.init());
  beforeEach(() => store.dangerouslyClearAll());
  after(() => store.close());

  const ended = (trace: number, endUnixMicro: number) =>
    span(trace, 0, {
      startUnixMicro: endUnixMicro - 10,
      endUnixMicro,
      endTime: new Date(endUnixMicro / 1_000),
    });
  const parts = (before: number, max: number): Promise<OldPart[]> =>
    read((connection) => oldParts(connection, before, max));

  it('by times between which equally many rows lie, the oldest first, up to the moment itself', async () => {
    const records = Array.from({ length: 100 }, (_, n) => ended(n, 1_000 + n));
    await store.batchCreateSpans({ records: [...records, started(100, 0, { startUnixMicro: 1_005 })] });
    expect(await parts(1_090, 1_000)).to.deep.equal([{ records: 91, beforeMicros: 1_090 }]);
    const few = await parts(1_090, 30);
    expect(few.map(({ records }) => records)).to.deep.equal([23, 23, 23, 23]);
    const moments = few.map(({ beforeMicros }) => beforeMicros);
    expect(moments.at(-1)).to.equal(1_090);
    moments.reduce((from, until) => {
      expect(until - from).to.be.within(20, 25);
      return until;
    }, 1_000);
  });

  it('in one, where all of it is of one moment, and in none, where nothing is old', async () => {
    await store.batchCreateSpans({ records: Array.from({ length: 50 }, (_, n) => ended(n, 1_000)) });
    expect((await parts(1_001, 10)).map(({ beforeMicros }) => beforeMicros)).to.deep.equal([1_001]);
    expect(await parts(1_000, 10)).to.deep.equal([]);
  });
});

describe('after thousands of traces were deleted for their age', () => {
  it('what comes for one of them is listed, and the others are gone', async () => {
    const store = new DuckDBStore({
      thread: 'main',
      path: ':memory:',
      retention: { tracing: { maxAgeDays: 7 } },
    });
    const { observability } = store;
    await store.init();
    const startUnixMicro = Date.now() * 1_000 - 8 * DAY_MICROS;
    const old = { startUnixMicro, startTime: new Date(startUnixMicro / 1_000) };
    const records = Array.from({ length: 1_500 }, (_, n) => [span(n, 0, old), span(n, 1, old)]).flat();
    // Lists before and after, by which the store learns that the traces are as traces usually are.
    await observability.listTraces();
    await observability.batchCreateSpans({ records });
    await observability.listTraces();
    expect(await observability.prune()).to.deep.include({ traces: 1_500 });
    await observability.batchCreateSpans({ records: [span(9, 2, { startUnixMicro: Date.now() * 1_000 })] });
    const { spans, pagination } = await observability.listTraces();
    expect(spans.map((found) => found.traceId)).to.deep.equal([traceId(9)]);
    expect(pagination.total).to.equal(1);
    await store.close();
  });
});
