import { expect } from 'chai';
import type { Changes } from '../../../core/index.ts';
import { Engine } from '../../../plugins/duckdb/engine.ts';
import { ObservabilityDuckDB } from '../../../plugins/duckdb/index.ts';
import { duckdbOptions } from '../../../plugins/duckdb/options.ts';
import { scratchDirectory, storeInMemory } from './opened.ts';
import { change, feedback, log, metric, score, span, spanId, started, traceId } from './records.ts';

const idsOf = ({ traces }: Changes): string[] => traces.map((trace) => trace.traceId);

describe('getChanges of the DuckDB store', () => {
  const store = storeInMemory();
  const directory = scratchDirectory();
  const now = async () => (await store().getChanges()).cursor;

  it('gives at first nothing but the cursor of now', async () => {
    await store().batchCreateSpans({ records: [span(0, 0)] });
    const first = await store().getChanges();
    expect(first).to.deep.include({ hasGap: false, traces: [], logs: [], scores: [], feedback: [] });
    const second = await store().getChanges({ cursor: first.cursor });
    expect(second).to.deep.equal(first);
  });

  it('gives what was stored since, each trace as it is now', async () => {
    await store().batchCreateSpans({ records: [started(0, 0), span(5, 0)] });
    const cursor = await now();
    await store().batchCreateLogs({ records: [log(1), log(0)] });
    await store().batchCreateSpans({ records: [span(0, 1, { status: 'error' }), span(1, 0)] });
    await store().batchCreateScores({ records: [score(2)] });
    await store().batchCreateFeedback({ records: [feedback(3)] });
    await store().batchCreateMetrics({ records: [metric(4)] });
    await store().batchUpdateSpans({ records: [change(span(0, 0))] });
    const { cursor: next, ...changes } = await store().getChanges({ cursor });
    const [late, early] = (await store().listTraces({ filters: {} })).spans.slice(1);
    expect(changes).to.deep.equal({
      hasGap: false,
      traces: [late, early],
      logs: [log(1), log(0)],
      scores: [score(2)],
      feedback: [feedback(3)],
    });
    expect(early).to.include({ id: spanId(0), spanCount: 2, runningCount: 0, hasChildError: true });
    expect(idsOf(await store().getChanges({ cursor: next }))).to.deep.equal([]);
  });

  it('tells nothing of what changed nothing, nor of changes that wait for their span', async () => {
    await store().batchCreateSpans({ records: [span(0, 0)] });
    await store().batchCreateLogs({ records: [log(0)] });
    const cursor = await now();
    await store().batchCreateSpans({ records: [span(0, 0)] });
    await store().batchCreateLogs({ records: [log(0)] });
    await store().updateSpan({ traceId: traceId(8), spanId: spanId(0), updates: { output: 1 } });
    expect(await store().getChanges({ cursor })).to.deep.equal(await store().getChanges());
  });

  it('gives as many as wanted at a time, and the rest with the next cursors', async () => {
    let cursor = await now();
    for (let n = 0; n < 7; n++) await store().batchCreateSpans({ records: [span(n, 0)] });
    const seen: string[][] = [];
    for (let call = 0; call < 4; call++) {
      const changes = await store().getChanges({ cursor, limit: 3 });
      expect(changes.hasGap).to.equal(false);
      seen.push(idsOf(changes));
      cursor = changes.cursor;
    }
    expect(seen).to.deep.equal([[0, 1, 2], [3, 4, 5], [6], []].map((group) => group.map(traceId)));
  });

  it('says so when there were more than it remembers, and goes on from now', async () => {
    const cursor = await now();
    for (let n = 0; n < 6; n++) {
      await store().batchCreateLogs({ records: Array.from({ length: 4_000 }, (_, i) => log(n * 4_000 + i)) });
    }
    const lost = await store().getChanges({ cursor });
    expect(lost).to.deep.include({ hasGap: true, logs: [] });
    await store().batchCreateLogs({ records: [log(99_999)] });
    const { logs, hasGap } = await store().getChanges({ cursor: lost.cursor });
    expect({ logs, hasGap }).to.deep.equal({ logs: [log(99_999)], hasGap: false });
  }).timeout(30_000);

  it('says so after a deletion, since what is gone cannot be shown', async () => {
    await store().batchCreateSpans({ records: [span(0, 0)] });
    const cursor = await now();
    await store().batchCreateSpans({ records: [span(0, 1), span(1, 0)] });
    await store().batchDeleteTraces({ traceIds: [traceId(0)] });
    const changes = await store().getChanges({ cursor });
    expect(changes.hasGap).to.equal(true);
    expect(idsOf(changes)).to.deep.equal([traceId(1)]);
    expect((await store().getChanges({ cursor: changes.cursor })).hasGap).to.equal(false);
  });

  it('answers a cursor of another opening, of the future or of nobody with a gap', async () => {
    const options = duckdbOptions.parse({ path: `${directory()}/a.duckdb` });
    const store = new ObservabilityDuckDB(new Engine(options));
    const cursors: string[] = [];
    for (let opening = 0; opening < 2; opening++) {
      await store.init();
      await store.batchCreateSpans({ records: [span(opening, 0)] });
      for (const cursor of cursors) {
        const changes = await store.getChanges({ cursor });
        expect(changes, cursor).to.deep.include({ hasGap: true, traces: [] });
        expect(changes.cursor).to.equal((await store.getChanges()).cursor);
      }
      const { cursor } = await store.getChanges();
      cursors.push(cursor, `${cursor}9`, `${cursor.split(':')[0]}:-1`, 'nobody', ':', '0');
      await store.close();
    }
  });
});
