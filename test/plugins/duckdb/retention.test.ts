import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import type { PruneReport } from '../../../core/index.ts';
import { Pruning } from '../../../plugins/duckdb/care/pruning.ts';
import { type DuckDBOptions, DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { scratchDirectory } from './opened.ts';
import { feedback, log, metric, score, span, started, traceId } from './records.ts';

const DAY_MICROS = 24 * 60 * 60 * 1_000_000;
const ago = (days: number): number => (Date.now() - 1_000) * 1_000 - days * DAY_MICROS;
const at = (days: number) => ({ timeUnixMicro: ago(days), timestamp: new Date(ago(days) / 1_000) });
const ended = (trace: number, n: number, days: number, more = {}) =>
  span(trace, n, {
    startUnixMicro: ago(days) - 1_000,
    endUnixMicro: ago(days),
    endTime: new Date(ago(days) / 1_000),
    ...more,
  });

describe('what is too old or too much is deleted', () => {
  const directory = scratchDirectory();
  let store: DuckDBStore;
  let n = 0;

  const open = async (retention: DuckDBOptions['retention'], path = ':memory:') => {
    store = new DuckDBStore({ thread: 'main', path, retention });
    await store.init();
    return store.observability;
  };
  afterEach(() => store.close());

  const kept = async () => {
    const { spans } = await store.observability.listTraces({ pagination: { page: 0, perPage: 100 } });
    return spans.map((root) => root.traceId).sort();
  };
  const summary = ({ deleted }: PruneReport) =>
    Object.fromEntries(deleted.map(({ signal, records, why }) => [`${signal} ${why}`, records]));
  const ids = async (list: 'listLogs' | 'listScores' | 'listFeedback' | 'listMetrics') => {
    const found = (await store.observability[list]()) as unknown as Record<string, unknown>;
    const rows = Object.values(found).find(Array.isArray) as { id: string }[];
    return rows.map(({ id }) => Number.parseInt(id, 16) - 1).sort((a, b) => a - b);
  };

  it('nothing goes without a rule', async () => {
    const { batchCreateSpans } = await open(undefined);
    await batchCreateSpans.call(store.observability, { records: [ended(0, 0, 4_000)] });
    expect(await store.observability.prune()).to.deep.equal({ isDryRun: false, deleted: [], traces: 0 });
    expect(await kept()).to.have.length(1);
  });

  it('a trace goes as a whole once all of it is old, and stays as a whole until then', async () => {
    const observability = await open({ tracing: { maxAgeDays: 7 } });
    const records = [
      ended(0, 0, 9),
      ended(0, 1, 8),
      ended(1, 0, 9),
      ended(1, 1, 6),
      ended(2, 0, 1),
      // Runs since long ago: nothing else has happened in it.
      started(3, 0, { startUnixMicro: ago(10) }),
    ];
    await observability.batchCreateSpans({ records });
    const foretold = await observability.prune({ dryRun: true });
    expect(await kept()).to.have.length(4);
    const report = await observability.prune();
    expect(report).to.deep.include({ isDryRun: false, traces: 2 });
    expect(summary(report)).to.deep.equal({ 'tracing age': 3 });
    expect({ ...foretold, deleted: summary(foretold) }).to.deep.equal({
      ...report,
      deleted: summary(report),
      isDryRun: true,
    });
    expect(Math.abs(Number(report.deleted[0]!.before) - (Date.now() - 7 * 86_400_000))).to.be.below(20_000);
    expect(await kept()).to.deep.equal([traceId(1), traceId(2)]);
    expect((await observability.getTrace({ traceId: traceId(1) }))?.spans).to.have.length(2);
    expect((await observability.prune()).deleted).to.deep.equal([]);
  });

  it('what is linked to a trace goes with it, unless it has a rule of its own; observations stay', async () => {
    const observability = await open({ tracing: { maxAgeDays: 7 }, scores: { maxAgeDays: 30 } });
    const old = { traceId: traceId(0), ...at(8) };
    await observability.batchCreateSpans({ records: [ended(0, 0, 8), ended(1, 0, 1)] });
    await observability.batchCreateLogs({ records: [log(0, old), log(1, { traceId: traceId(1) }), log(2)] });
    await observability.batchCreateScores({ records: [score(0, old), score(1, at(31))] });
    await observability.batchCreateFeedback({ records: [feedback(0, old), feedback(1)] });
    await observability.batchCreateMetrics({ records: [metric(0, old)] });
    const foretold = summary(await observability.prune({ dryRun: true }));
    const report = await observability.prune();
    expect(summary(report)).to.deep.equal({
      'tracing age': 1,
      'logs age': 1,
      'feedback age': 1,
      'scores age': 1,
    });
    expect(foretold).to.deep.equal(summary(report));
    expect(await ids('listLogs')).to.deep.equal([1, 2]);
    expect(await ids('listScores')).to.deep.equal([0]);
    expect(await ids('listFeedback')).to.deep.equal([1]);
    expect(await ids('listMetrics')).to.deep.equal([0]);
  });

  it('a series of which no observation is left goes too, and comes back with the next one', async () => {
    const observability = await open({ metrics: { maxAgeDays: 7 } });
    const series = async () => {
      const report = await observability.inspect();
      return report.tables.find(({ name }) => name === 'obs_metric_series')?.records;
    };
    const records = [metric(0, { name: 'old', ...at(8) }), metric(1, at(1))];
    await observability.batchCreateMetrics({ records });
    expect(await series()).to.equal(2);
    await observability.prune({ dryRun: true });
    expect(await series()).to.equal(2);
    expect(summary(await observability.prune())).to.deep.equal({ 'metrics age': 1 });
    expect(await series()).to.equal(1);
    await observability.batchCreateMetrics({ records: [metric(2, { name: 'old', ...at(0) })] });
    expect(await ids('listMetrics')).to.deep.equal([1, 2]);
  });

  it('beyond its bytes the oldest whole traces and the oldest events go', async () => {
    const path = join(directory(), `sized-${n++}.duckdb`);
    const text = (i: number) => Array.from({ length: 60 }, (_, k) => Math.sin(i * 61 + k)).join(' ');
    const all = await open(undefined, path);
    const spans = Array.from({ length: 2_000 }, (_, i) =>
      ended(i >> 1, i % 2, 30 - i / 100, { input: text(i) }),
    );
    await all.batchCreateSpans({ records: spans });
    await all.batchCreateLogs({
      records: Array.from({ length: 2_000 }, (_, i) =>
        log(i, { ...at(30 - i / 100), record: { level: 'info', message: text(i) } }),
      ),
    });
    await store.close();
    await store.init();
    const bytesOf = async (table: string) =>
      (await store.observability.inspect()).tables.find(({ name }) => name === table)!.bytes;
    const [spanBytes, logBytes] = [await bytesOf('obs_spans'), await bytesOf('obs_logs')];
    await store.close();

    const [tracing, logs] = [{ maxBytes: Math.ceil(spanBytes / 2) }, { maxBytes: Math.ceil(logBytes / 4) }];
    const observability = await open({ tracing, logs }, path);
    const foretold = summary(await observability.prune({ dryRun: true }));
    const report = await observability.prune();
    expect(foretold).to.deep.equal(summary(report));
    expect(summary(report)['tracing size']).to.be.within(990, 1_010);
    expect(summary(report)['logs size']).to.be.within(1_490, 1_510);
    expect(report.traces).to.equal(summary(report)['tracing size']! / 2);
    const oldest = await observability.listTraces({ orderBy: { field: 'startedAt', direction: 'ASC' } });
    expect(oldest.spans[0]?.traceId).to.equal(traceId(report.traces));
    expect((await ids('listLogs')).every((id) => id >= summary(report)['logs size']!)).to.equal(true);
    expect(await bytesOf('obs_spans')).to.be.at.most(tracing.maxBytes);
    expect(summary(await observability.prune()), 'once is enough').to.deep.equal({});
    await store.close();
    await store.init();
    expect(summary(await observability.prune()), 'also after a checkpoint').to.deep.equal({});
  });

  it('a large deletion is done in parts between which others write, and says how far it is', async () => {
    const observability = await open({ logs: { maxAgeDays: 7 } });
    const records = Array.from({ length: 250_000 }, (_, i) => log(i, at(8)));
    await observability.batchCreateLogs({ records });
    const order: string[] = [];
    const pruning = observability
      .prune({}, { onProgress: (done, total) => order.push(`${done} of ${total}`) })
      .then(() => order.push('pruned'));
    while (order.length === 0) await new Promise(setImmediate);
    await observability.batchCreateSpans({ records: [ended(0, 0, 1)] }).then(() => order.push('written'));
    await pruning;
    expect(order[0]).to.equal('100000 of 250000');
    expect(order.indexOf('written')).to.be.below(order.indexOf('250000 of 250000'));
    expect(await ids('listLogs')).to.deep.equal([]);
  }).timeout(40_000);

  it('ends at a signal, and what is done stays done', async () => {
    const observability = await open({ logs: { maxAgeDays: 7 } });
    const abort = new AbortController();
    await observability.batchCreateLogs({ records: [log(0, at(8))] });
    abort.abort(new Error('enough'));
    const refused = await observability.prune({}, { signal: abort.signal }).catch((error) => error);
    expect(refused).to.have.property('message', 'enough');
    expect(await ids('listLogs')).to.deep.equal([0]);
  });

  it('wrong rules are refused by name', () => {
    const wrong = { tracing: { maxAgeDays: 0 }, logs: { maxDays: 3 } } as never;
    expect(() => new DuckDBStore({ retention: wrong })).to.throw(
      /retention\.tracing\.maxAgeDays.*retention\.logs/,
    );
  });

  describe('by itself', () => {
    let clock: sinon.SinonFakeTimers;
    beforeEach(() => {
      clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    });
    afterEach(() => clock.restore());

    it('a minute after opening and every five minutes, until it is closed; a failure is remembered', async () => {
      await open(undefined);
      const prune = sinon.stub().resolves();
      prune.onSecondCall().rejects(new Error('no luck'));
      const pruning = new Pruning(prune);
      pruning.start();
      pruning.start();
      await clock.tickAsync(59_000);
      expect(prune.callCount).to.equal(0);
      await clock.tickAsync(1_000);
      expect(prune.callCount).to.equal(1);
      await clock.tickAsync(300_000);
      expect(pruning.failure).to.equal('no luck');
      await clock.tickAsync(300_000);
      expect(prune.callCount).to.equal(3);
      expect(pruning.failure).to.equal(undefined);
      pruning.stop();
      expect(prune.lastCall.args[0].aborted).to.equal(true);
      await clock.tickAsync(900_000);
      expect(prune.callCount).to.equal(3);
    });
  });
});
