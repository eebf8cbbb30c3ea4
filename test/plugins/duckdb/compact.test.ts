import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { scratchDirectory } from './opened.ts';
import { feedback, log, metric, score, span, started, traceId } from './records.ts';

const text = (i: number) => Array.from({ length: 150 }, (_, k) => Math.sin(i * 151 + k)).join(' ');

describe('a rewrite without gaps', () => {
  const directory = scratchDirectory();
  let path: string;
  let store: DuckDBStore;
  let n = 0;
  beforeEach(async () => {
    path = join(directory(), `compact-${n++}`, 'obs.duckdb');
    store = new DuckDBStore({ thread: 'main', path });
    await store.init();
  });
  afterEach(() => store.close());

  const fill = async () => {
    const { observability } = store;
    const records = Array.from({ length: 3_000 }, (_, i) => span(i >> 1, i % 2, { input: text(i) }));
    await observability.batchCreateSpans({ records });
    await observability.batchCreateSpans({ records: [started(0, 2)] });
    await observability.batchUpdateSpans({
      records: [{ traceId: traceId(9_000), spanId: 'ffffffffffffffff', updates: { name: 'waits' } }],
    });
    await observability.batchCreateMetrics({ records: [metric(0), metric(1, { labels: { a: 'b' } })] });
    await observability.batchCreateLogs({ records: [log(0, { traceId: traceId(0) })] });
    await observability.batchCreateScores({ records: [score(0)] });
    await observability.batchCreateFeedback({ records: [feedback(0)] });
  };
  const traceIds = (from: number, until: number) =>
    Array.from({ length: until - from }, (_, i) => traceId(from + i));
  const everything = async () => {
    const { observability } = store;
    return [
      await observability.listTraces({ pagination: { page: 0, perPage: 100 } }),
      await observability.getTrace({ traceId: traceId(0) }),
      await observability.listMetrics(),
      await observability.listLogs(),
      await observability.listScores(),
      await observability.listFeedback(),
      (await observability.inspect()).tables.map(({ name, records }) => [name, records]),
    ];
  };

  it('gives back the space of what was deleted and keeps all the rest', async () => {
    await fill();
    await store.close();
    await store.init();
    await store.observability.batchDeleteTraces({ traceIds: traceIds(100, 1_000) });
    await store.observability.batchDeleteTraces({ traceIds: traceIds(1_000, 1_500) });
    const before = await everything();
    const steps: [number, number][] = [];
    const report = await store.observability.compact({
      onProgress: (done, total) => steps.push([done, total]),
    });
    expect(report.bytesAfter).to.be.below(report.bytesBefore / 2);
    expect(statSync(path).size).to.equal(report.bytesAfter);
    expect(steps.at(-1)![0]).to.equal(steps.at(-1)![1]);
    expect(await everything()).to.deep.equal(before);
    expect((statSync(path).mode & 0o777).toString(8)).to.equal('600');
    await store.observability.batchCreateSpans({ records: [span(0, 1, { input: text(1) }), span(7_000, 0)] });
    expect((await store.observability.listTraces()).pagination.total).to.equal(101);
    await store.close();
    expect(readdirSync(dirname(path)).sort()).to.deep.equal(['.gitignore', 'obs.duckdb']);
    await store.init();
    expect((await store.observability.listTraces()).pagination.total).to.equal(101);
  });

  it('what is written and read meanwhile is there and answered', async () => {
    await fill();
    const { observability } = store;
    const compacting = observability.compact();
    const writing = Array.from({ length: 20 }, (_, i) =>
      observability.createSpan({ span: span(5_000 + i, 0) }),
    );
    const reading = Array.from({ length: 20 }, () => observability.getTrace({ traceId: traceId(1) }));
    await compacting;
    await Promise.all(writing);
    for (const trace of await Promise.all(reading)) expect(trace?.spans).to.have.length(2);
    expect((await observability.listTraces()).pagination.total).to.equal(1_520);
  });

  it('cut short by a signal it leaves the file as it was, and can be repeated', async () => {
    await fill();
    const before = await everything();
    const abort = new AbortController();
    const refused = await store.observability
      .compact({ signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) })
      .catch((error) => error);
    expect(refused).to.have.property('message', 'enough');
    // The caller is free at once; what is written next finds the rewrite over.
    await store.observability.createSpan({ span: span(1, 1, { input: text(3) }) });
    expect(readdirSync(dirname(path)).filter((name) => name.includes('rewritten'))).to.deep.equal([]);
    expect(await everything()).to.deep.equal(before);
    await store.observability.compact();
    expect(await everything()).to.deep.equal(before);
  });

  it('what an earlier one left behind is no obstacle', async () => {
    await fill();
    writeFileSync(`${path}.rewritten`, 'half of it');
    writeFileSync(`${path}.rewritten.wal`, 'and its log');
    await store.observability.compact();
    expect(existsSync(`${path}.rewritten`)).to.equal(false);
    expect(existsSync(`${path}.rewritten.wal`)).to.equal(false);
  });

  it('that it may create a file opens no other file to queries', async () => {
    writeFileSync(join(dirname(path), 'secret.csv'), 'a,b\n1,2\n');
    const sql = `SELECT * FROM read_csv('${join(dirname(path), 'secret.csv')}')`;
    const refused = await store.observability.runSql({ sql }).then(
      () => 'read',
      (error) => error,
    );
    expect(refused).to.be.instanceOf(Error);
  });

  it('in memory there is nothing to give back', async () => {
    const inMemory = new DuckDBStore({ thread: 'main', path: ':memory:' });
    await inMemory.init();
    expect(await inMemory.observability.compact()).to.deep.equal({ bytesBefore: 0, bytesAfter: 0 });
    await inMemory.close();
  });
});
