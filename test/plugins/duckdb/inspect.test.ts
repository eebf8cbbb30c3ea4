import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { expect } from 'chai';
import sinon from 'sinon';
import { Engine } from '../../../plugins/duckdb/engine.ts';
import { Database } from '../../../plugins/duckdb/file/database.ts';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { scratchDirectory } from './opened.ts';
import { feedback, log, metric, score, span } from './records.ts';

const MEGABYTE = 1024 * 1024;
const noise = (bytes: number, i: number) =>
  Array.from({ length: Math.ceil(bytes / 18) }, (_, k) => Math.sin(i * 7_919 + k)).join(' ');

describe('a look at the store itself', () => {
  const directory = scratchDirectory();
  let path: string;
  let n = 0;
  beforeEach(() => {
    path = join(directory(), `inspected-${n++}`, 'obs.duckdb');
    mkdirSync(dirname(path));
  });

  it('says where it is, who has it, what belongs to it on disk, and what each table holds', async () => {
    const store = new DuckDBStore({ thread: 'main', path });
    await store.init();
    try {
      const { observability } = store;
      await observability.batchCreateSpans({ records: [span(0, 0), span(0, 1), span(1, 0)] });
      await observability.batchCreateMetrics({ records: [metric(0), metric(1)] });
      await observability.batchCreateLogs({ records: [log(0)] });
      await observability.batchCreateScores({ records: [score(0)] });
      await observability.batchCreateFeedback({ records: [feedback(0)] });
      writeFileSync(join(dirname(path), 'of-somebody-else.txt'), '');
      const steps: string[] = [];
      const report = await observability.inspect({
        onProgress: (done, total) => steps.push(`${done}/${total}`),
      });
      expect(report).to.deep.include({ path, schemaVersion: 2, problems: [] });
      expect(report.owner).to.include({ pid: process.pid, threadId, isThisProcess: true });
      expect(Date.now() - Number(report.owner.since)).to.be.within(0, 20_000);
      expect(report.files).to.deep.equal([
        { path, bytes: statSync(path).size, what: 'database' },
        { path: `${path}.wal`, bytes: statSync(`${path}.wal`).size, what: 'log' },
      ]);
      expect(Object.fromEntries(report.tables.map(({ name, records }) => [name, records]))).to.deep.equal({
        obs_spans: 3,
        obs_span_changes: 0,
        obs_metric_series: 1,
        obs_metric_points: 2,
        obs_logs: 1,
        obs_scores: 1,
        obs_feedback: 1,
      });
      expect(steps.at(-1)).to.equal('7/7');
    } finally {
      await store.close();
    }
  });

  it('the bytes of the tables are those of the file', async () => {
    const store = new DuckDBStore({ thread: 'main', path });
    await store.init();
    const records = Array.from({ length: 400 }, (_, i) => span(i, 0, { input: noise(4_000, i) }));
    await store.observability.batchCreateSpans({ records });
    await store.observability.batchCreateLogs({ records: [log(0)] });
    await store.close();
    await store.init();
    const { tables } = await store.observability.inspect();
    await store.close();
    const sum = tables.reduce((bytes, table) => bytes + table.bytes, 0);
    expect(sum).to.be.within(statSync(path).size * 0.5, statSync(path).size);
    const [most] = [...tables].sort((a, b) => b.bytes - a.bytes);
    expect(most!.name).to.equal('obs_spans');
  });

  it('in memory there are no files', async () => {
    const store = new DuckDBStore({ thread: 'main', path: ':memory:' });
    await store.init();
    await store.observability.createSpan({ span: span(0, 0) });
    const report = await store.observability.inspect();
    expect(report).to.deep.include({ path: ':memory:', files: [], problems: [] });
    await store.close();
  });

  it('a deletion that failed by itself is a problem until one succeeds', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const options = {
      path: ':memory:',
      memoryLimit: '64MB',
      threads: 1,
      retention: { logs: { maxAgeDays: 1 } },
    };
    const database = new Database(options);
    const engine = new Engine(options, database);
    try {
      await engine.open();
      const inspect = async () =>
        (await engine.call({ kind: 'care', task: 'inspect', args: {} })) as {
          problems: { message: string }[];
        };
      const read = sinon.stub(database, 'read').rejects(new Error('no luck'));
      await clock.tickAsync(60_000);
      read.restore();
      const looking = inspect();
      expect((await looking).problems[0]?.message).to.contain('could not be deleted: no luck');
      await clock.tickAsync(300_000);
      // The deletion reads on a thread of its own, which the clock does not wait for.
      while ((await inspect()).problems.length > 0) await new Promise(setImmediate);
    } finally {
      clock.restore();
      await engine.close();
    }
  });

  describe('the log', () => {
    const options = () => ({ path, memoryLimit: '256MB', threads: 2 });
    const insert = (database: Database, megabytes: number, id: number) =>
      database.write((connection) =>
        connection.run(
          `INSERT INTO obs_logs (id, "timestamp", level, message)
           SELECT '${id}-' || i, now()::TIMESTAMP, 'info', repeat(md5(i::VARCHAR), 32) FROM range(${megabytes * 1024}) r(i)`,
        ),
      );

    it('is folded into the file, beside what is written, once it is larger than 32 MB', async () => {
      const database = new Database(options());
      await database.open();
      try {
        let largest = 0;
        for (let i = 0; i < 8; i++) {
          await insert(database, 8, i);
          largest = Math.max(largest, statSync(`${path}.wal`, { throwIfNoEntry: false })?.size ?? 0);
        }
        await database.checkpoint();
        expect(largest).to.be.within(32 * MEGABYTE, 56 * MEGABYTE);
        expect(statSync(path).size).to.be.above(MEGABYTE);
        expect(statSync(`${path}.wal`, { throwIfNoEntry: false })?.size ?? 0).to.equal(0);
        expect(database.state.checkpointFailure).to.equal(undefined);
      } finally {
        await database.close();
      }
    });

    it('is folded into the file 5 s after the last write, unless there is little in it', async () => {
      const database = new Database(options());
      await database.open();
      // From here on: DuckDB is loaded with real timers.
      const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const logBytes = () => statSync(`${path}.wal`, { throwIfNoEntry: false })?.size ?? 0;
      try {
        await insert(database, 0.125, 0);
        const little = logBytes();
        await clock.tickAsync(5_000);
        expect(logBytes()).to.equal(little);
        await insert(database, 2, 1);
        await clock.tickAsync(4_000);
        expect(logBytes()).to.be.above(MEGABYTE);
        await clock.tickAsync(1_000);
        // Joins the checkpoint that has begun.
        await database.checkpoint();
        expect(logBytes()).to.equal(0);
      } finally {
        clock.restore();
        await database.close();
      }
    });
  });
});
