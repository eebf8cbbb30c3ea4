import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { scratchDirectory, storeInMemory } from './opened.ts';
import { feedback, log, metric, score, span, spanId, traceId } from './records.ts';

describe('what the DuckDB store says of what there is', () => {
  const store = storeInMemory();
  const directory = scratchDirectory();

  const at = (ms: number) => ({ startUnixMicro: ms * 1000, startTime: new Date(ms) });
  beforeEach(() =>
    store().batchCreateSpans({
      records: [
        span(0, 0, {
          ...at(10),
          entityType: 'agent',
          entityName: 'bot',
          serviceName: 'web',
          tags: ['b', 'a'],
        }),
        span(0, 1, {
          ...at(20),
          entityType: 'tool',
          entityName: 'bot',
          environment: 'prod',
          tags: ['a', 'ü'],
        }),
        span(1, 0, {
          ...at(30),
          entityType: 'tool',
          entityName: 'axe',
          environment: 'dev',
          serviceName: 'api',
        }),
        span(2, 0, { ...at(40), entityType: 'agent', entityName: 'cat', tags: [], serviceName: 'web' }),
      ],
    }),
  );

  it('lists entities, services, environments and tags of spans, sorted and without repeats', async () => {
    expect(await store().getEntityTypes()).to.deep.equal({ entityTypes: ['agent', 'tool'] });
    expect(await store().getEntityNames()).to.deep.equal({ names: ['axe', 'bot', 'cat'] });
    expect(await store().getServiceNames()).to.deep.equal({ serviceNames: ['api', 'web'] });
    expect(await store().getEnvironments()).to.deep.equal({ environments: ['dev', 'prod'] });
    expect(await store().getTags()).to.deep.equal({ tags: ['a', 'b', 'ü'] });
  });

  it('lists those of one type of entity, of a time, and no more than were asked for', async () => {
    const within = { start: new Date(20), end: new Date(40), endExclusive: true };
    expect(await store().getEntityNames({ entityType: 'agent' })).to.deep.equal({ names: ['bot', 'cat'] });
    expect(await store().getEntityNames({ within, limit: 1 })).to.deep.equal({ names: ['axe'] });
    expect(await store().getEntityTypes({ within })).to.deep.equal({ entityTypes: ['tool'] });
    expect(await store().getServiceNames({ within })).to.deep.equal({ serviceNames: ['api'] });
    expect(await store().getEnvironments({ within: { end: new Date(20) } })).to.deep.equal({
      environments: ['prod'],
    });
    expect(await store().getTags({ entityType: 'tool', within })).to.deep.equal({ tags: ['a', 'ü'] });
    expect(await store().getTags({ limit: 2 })).to.deep.equal({ tags: ['a', 'b'] });
  });

  it('lists names of metrics and the keys and values of their labels', async () => {
    await store().batchCreateMetrics({
      records: [
        metric(0, { name: 'tokens.in', labels: { model: 'm2', region: 'eu' } }),
        metric(1, { name: 'tokens.in', labels: { model: 'm1', 'a.b/~"*': 'x' } }),
        metric(2, { name: 'tokens.out', labels: { model: 'other' } }),
        metric(3, { name: 'latency', unit: 'ms' }),
      ],
    });
    expect(await store().getMetricNames()).to.deep.equal({ names: ['latency', 'tokens.in', 'tokens.out'] });
    expect(await store().getMetricNames({ prefix: 'tokens.', limit: 1 })).to.deep.equal({
      names: ['tokens.in'],
    });
    expect(await store().getMetricLabelKeys({ name: 'tokens.in' })).to.deep.equal({
      keys: ['a.b/~"*', 'model', 'region'],
    });
    expect(await store().getMetricLabelKeys({ name: 'latency' })).to.deep.equal({ keys: [] });
    const values = (key: string, prefix?: string) =>
      store().getMetricLabelValues({ name: 'tokens.in', key, ...(prefix && { prefix }) });
    expect(await values('model')).to.deep.equal({ values: ['m1', 'm2'] });
    expect(await values('model', 'm2')).to.deep.equal({ values: ['m2'] });
    expect(await values('a.b/~"*')).to.deep.equal({ values: ['x'] });
    expect(await values('none')).to.deep.equal({ values: [] });
  });

  it('names no metric whose observations were all deleted with their trace', async () => {
    await store().batchCreateMetrics({
      records: [
        metric(0, { name: 'gone', traceId: traceId(0), labels: { a: 'b' } }),
        metric(1, { name: 'kept' }),
      ],
    });
    await store().batchDeleteTraces({ traceIds: [traceId(0)] });
    expect(await store().getMetricNames()).to.deep.equal({ names: ['kept'] });
    expect(await store().getMetricLabelKeys({ name: 'gone' })).to.deep.equal({ keys: [] });
  });

  it('counts records of each signal and traces, with the oldest and newest', async () => {
    await store().batchCreateLogs({ records: [log(1), log(7), log(3)] });
    await store().batchCreateMetrics({ records: [metric(2)] });
    await store().batchCreateScores({ records: [score(4)] });
    await store().updateSpan({
      traceId: traceId(9),
      spanId: spanId(0),
      updates: { output: 'its span has not come' },
    });
    const { signals, traces, bytes } = await store().getStats();
    expect(signals).to.deep.equal([
      { signal: 'tracing', records: 4, oldest: new Date(10), newest: new Date(40) },
      { signal: 'metrics', records: 1, oldest: metric(2).timestamp, newest: metric(2).timestamp },
      { signal: 'logs', records: 3, oldest: log(1).timestamp, newest: log(7).timestamp },
      { signal: 'scores', records: 1, oldest: score(4).timestamp, newest: score(4).timestamp },
      { signal: 'feedback', records: 0 },
    ]);
    expect({ traces, bytes }).to.deep.equal({ traces: 3, bytes: 0 });
  });

  it('counts the bytes of the file and of its log', async () => {
    mkdirSync(join(directory(), "odd ' name"));
    const path = join(directory(), "odd ' name", 'obs.duckdb');
    const onDisk = new DuckDBStore({ thread: 'main', path });
    await onDisk.init();
    try {
      await onDisk.observability.batchCreateFeedback({ records: [feedback(0)] });
      const { bytes } = await onDisk.observability.getStats();
      expect(bytes).to.equal(statSync(path).size + statSync(`${path}.wal`).size);
      expect(statSync(`${path}.wal`).size).to.be.greaterThan(0);
    } finally {
      await onDisk.close();
    }
  });
});
