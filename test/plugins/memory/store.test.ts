import { expect } from 'chai';
import { MemoryStore, memory } from '../../../plugins/memory/index.ts';
import { createTestObs, eventsOf, exportedSpan, logEvent, metricEvent } from '../../kit/index.ts';

describe('the memory store', () => {
  it('answers after a shutdown, so that a test can look then', async () => {
    const { obs, stop } = await createTestObs({ plugins: { local: memory() } });
    obs.trace('answer', (span) => span.addScore({ scorerId: 'judge', score: 1 }));
    await stop();
    const { spans } = await obs.store!.listTraces();
    expect(spans.map(({ name }) => name)).to.deep.equal(['answer']);
    expect((await obs.store!.getScoreAggregate({ aggregation: 'sum' })).value).to.equal(1);
  });

  it('lets the oldest traces go as a whole when it is full, counts them and says so once', async () => {
    const { ingest, obs, warnings, stop } = await createTestObs({
      plugins: { local: memory({ maxSpans: 4 }) },
    });
    const [first, second, third] = eventsOf('tracing', 3).map(({ exportedSpan }) => exportedSpan);
    const child = exportedSpan({ traceId: first!.traceId, parentSpanId: first!.id });
    const ended = [first!, child, second!, third!].map((span) => ({
      type: 'span.ended' as const,
      exportedSpan: span,
    }));
    await ingest(ended);
    await obs.flush();
    await ingest(eventsOf('tracing', 1));
    await obs.flush();
    const store = obs.store as MemoryStore;
    expect(await store.getTrace({ traceId: first!.traceId })).to.equal(null);
    expect(await store.getTrace({ traceId: second!.traceId })).not.to.equal(null);
    await ingest(eventsOf('tracing', 9));
    await obs.flush();
    expect(store.dropped).to.deep.include({ tracing: 10, logs: 0 });
    expect(warnings.filter((line) => line.includes('the memory store is full'))).to.have.length(1);
    await stop();
  });

  it('keeps the newest events of each signal when it is full', async () => {
    const store = new MemoryStore({ maxEvents: 2 });
    await store.batchCreateLogs({
      records: ['a', 'b', 'c'].map((message) => logEvent({ record: { message } })),
    });
    const { logs } = await store.listLogs({ orderBy: { direction: 'ASC' } });
    expect(logs.map(({ record }) => record.message)).to.have.members(['b', 'c']);
    expect(store.dropped.logs).to.equal(1);
  });

  it('hands out copies: who changes an answer changes nothing that is stored', async () => {
    const store = new MemoryStore();
    const span = exportedSpan({ metadata: { tier: 'gold' } });
    await store.createSpan({ span });
    const address = { traceId: span.traceId, spanId: span.id };
    (await store.getSpan(address))!.metadata!['tier'] = 'changed';
    expect(await store.getSpan(address)).to.deep.equal(span);
  });

  it('adds up as one would by hand', async () => {
    const store = new MemoryStore();
    const at = (second: number) => ({
      timeUnixMicro: second * 1_000_000,
      timestamp: new Date(second * 1_000),
    });
    const values = [
      { value: 1, labels: { model: 'a' }, ...at(0) },
      { value: 2, labels: { model: 'a' }, ...at(61) },
      { value: 6, labels: { model: 'b' }, ...at(62) },
    ];
    await store.batchCreateMetrics({
      records: values.map((fields) => metricEvent({ name: 'tokens', ...fields })),
    });
    const value = async (aggregation: 'sum' | 'avg' | 'last') =>
      (await store.getMetricAggregate({ aggregation })).value;
    expect([await value('sum'), await value('avg'), await value('last')]).to.deep.equal([9, 3, 6]);
    const { groups } = await store.getMetricBreakdown({ aggregation: 'sum', by: ['model'] });
    expect(groups).to.deep.equal([
      { key: { model: 'b' }, value: 6, count: 1 },
      { key: { model: 'a' }, value: 3, count: 2 },
    ]);
    const { series } = await store.getMetricTimeSeries({ aggregation: 'sum', interval: '1m' });
    expect(series[0]!.points).to.deep.equal([
      { time: new Date(0), value: 1 },
      { time: new Date(60_000), value: 8 },
    ]);
    const percentiles = await store.getMetricPercentiles({ percentiles: [0.5, 1] });
    expect(percentiles.series[0]!.points[0]).to.deep.include({ values: [2, 6], count: 3 });
  });

  it('refuses a record that no store could keep, by name, and stores the others of its batch', async () => {
    const store = new MemoryStore();
    const bad = logEvent({ timestamp: new Date(Number.NaN) });
    const good = logEvent();
    const { rejected } = await store.batchCreateLogs({ records: [bad, good] });
    expect(rejected).to.deep.equal([{ index: 0, reason: 'timestamp: expected a valid Date' }]);
    expect((await store.listLogs()).logs).to.deep.equal([good]);
  });
});
