import { expect } from 'chai';
import type { ObservabilityStorage } from '../../../core/index.ts';
import { storeInMemory } from './opened.ts';
import { feedback, log, metric, score, span, spanId, traceId } from './records.ts';

async function totals(store: ObservabilityStorage): Promise<number[]> {
  const lists = [
    store.listTraces(),
    store.listMetrics(),
    store.listLogs(),
    store.listScores(),
    store.listFeedback(),
  ];
  return (await Promise.all(lists)).map(({ pagination }) => pagination.total);
}

async function fill(store: ObservabilityStorage): Promise<void> {
  const about = [0, 1].map((n) => ({ traceId: traceId(n) }));
  await store.batchCreateSpans({ records: [span(0, 0), span(0, 1), span(1, 0), span(1, 1)] });
  await store.batchCreateMetrics({ records: [...about.map((trace, n) => metric(n, trace)), metric(9)] });
  await store.batchCreateLogs({ records: [...about.map((trace, n) => log(n, trace)), log(9)] });
  await store.batchCreateScores({ records: [...about.map((trace, n) => score(n, trace)), score(9)] });
  await store.batchCreateFeedback({ records: [...about.map((trace, n) => feedback(n, trace)), feedback(9)] });
}

describe('deleting from the DuckDB store', () => {
  const store = storeInMemory();

  it('a trace goes with its spans, metrics, logs, scores and feedback, and nothing else does', async () => {
    await fill(store());
    await store().updateSpan({ traceId: traceId(0), spanId: spanId(7), updates: { output: 'waits' } });
    await store().batchDeleteTraces({ traceIds: [traceId(0), 'unknown', "' OR true --"] });
    expect(await totals(store())).to.deep.equal([1, 2, 2, 2, 2]);
    expect(await store().getTrace({ traceId: traceId(0) })).to.equal(null);
    expect((await store().getTrace({ traceId: traceId(1) }))?.spans).to.deep.equal([span(1, 0), span(1, 1)]);
    await store().createSpan({ span: span(0, 7) });
    expect(await store().getSpan({ traceId: traceId(0), spanId: spanId(7) })).to.not.have.property('output');
  });

  it('no trace at all is nothing to delete', async () => {
    await fill(store());
    await store().batchDeleteTraces({ traceIds: [] });
    expect(await totals(store())).to.deep.equal([2, 3, 3, 3, 3]);
  });

  it('everything goes at once, and the store can be used on', async () => {
    await fill(store());
    await store().dangerouslyClearAll();
    expect(await totals(store())).to.deep.equal([0, 0, 0, 0, 0]);
    await fill(store());
    expect(await totals(store())).to.deep.equal([2, 3, 3, 3, 3]);
  });
});
