import { expect } from 'chai';
import fc from 'fast-check';
import type { ExportedSpan, ObservabilityStorage, SpanChange } from '../../../core/index.ts';
import { storeInMemory } from './opened.ts';
import { change, START, span, spanId, started, traceId } from './records.ts';

const address = { traceId: traceId(0), spanId: spanId(0) };

describe('spans written to the DuckDB store', () => {
  const store = storeInMemory();

  it('a batch that comes again makes no duplicates', async () => {
    const records = [0, 1, 2].map((n) => span(0, n));
    for (let delivery = 0; delivery < 3; delivery++) await store().batchCreateSpans({ records });
    await store().batchUpdateSpans({ records: records.map(change) });
    expect((await store().getTrace({ traceId: traceId(0) }))?.spans).to.deep.equal(records);
    const { spans, pagination } = await store().listTraces();
    expect(pagination.total).to.equal(1);
    expect(spans[0]?.spanCount).to.equal(3);
  });

  it('the same span twice in one batch is one span', async () => {
    await store().batchCreateSpans({ records: [started(0, 0), span(0, 0), started(0, 0)] });
    expect(await store().getSpan(address)).to.deep.equal(span(0, 0));
  });

  it('a span that starts and ends in the same millisecond keeps what its end carried', async () => {
    const start = started(0, 0, { input: 'question' });
    const end = span(0, 0, {
      input: 'question',
      output: 'answer',
      endUnixMicro: START,
      endTime: start.startTime,
    });
    await store().batchCreateSpans({ records: [start] });
    await store().batchUpdateSpans({ records: [change(end)] });
    expect(await store().getSpan(address)).to.deep.equal(end);
  });

  it('an update erases nothing that it does not name', async () => {
    const stored = span(0, 0, {
      input: 1,
      metadata: { a: 1 },
      tags: ['x'],
      userId: 'u',
      attributes: { model: 'm' },
    });
    await store().createSpan({ span: stored });
    await store().updateSpan({ ...address, updates: { seq: 3, output: 'late', userId: undefined as never } });
    expect(await store().getSpan(address)).to.deep.equal({ ...stored, seq: 3, output: 'late' });
  });

  it('an end that comes before its start stays the end', async () => {
    const end = span(0, 0, { output: 'answer' });
    await store().updateSpan(change(end));
    await store().createSpan({ span: started(0, 0) });
    expect(await store().getSpan(address)).to.deep.equal(end);
  });

  it('a stale snapshot changes nothing but what is absent', async () => {
    await store().createSpan({ span: span(0, 0, { seq: 5, output: 'new', tags: ['new'] }) });
    await store().updateSpan({ ...address, updates: { seq: 4, output: 'old', sessionId: 'only here' } });
    expect(await store().getSpan(address)).to.deep.equal(
      span(0, 0, { seq: 5, output: 'new', tags: ['new'], sessionId: 'only here' }),
    );
  });

  it('a field that came with an old snapshot gives way to a newer one that is still not the newest', async () => {
    await store().createSpan({ span: span(0, 0, { seq: 5 }) });
    for (const seq of [1, 3, 2])
      await store().updateSpan({ ...address, updates: { seq, output: `of ${seq}` } });
    expect(await store().getSpan(address)).to.deep.include({ seq: 5, output: 'of 3' });
  });

  it('a change to a span that has not come waits for it, unseen', async () => {
    await store().updateSpan({ ...address, updates: { output: 'first', status: 'error' } });
    await store().updateSpan({ ...address, updates: { output: 'second' } });
    expect(await store().getSpan(address)).to.equal(null);
    expect(await store().getTrace({ traceId: traceId(0) })).to.equal(null);
    expect((await store().listTraces()).pagination.total).to.equal(0);
    await store().createSpan({ span: started(0, 0) });
    expect(await store().getSpan(address)).to.deep.equal({
      ...started(0, 0),
      output: 'second',
      status: 'error',
    });
  });

  it('a change without a number holds until the next snapshot', async () => {
    await store().createSpan({ span: started(0, 0, { output: 0 }) });
    await store().updateSpan({ ...address, updates: { output: 1 } });
    await store().createSpan({ span: started(0, 0, { output: 0 }) });
    expect((await store().getSpan(address))?.output).to.equal(1);
    await store().updateSpan(change(started(0, 0, { output: 2, seq: 2 })));
    expect((await store().getSpan(address))?.output).to.equal(2);
  });

  it('the same span id in two traces is two spans', async () => {
    await store().batchCreateSpans({ records: [span(0, 0, { input: 'a' }), span(1, 0, { input: 'b' })] });
    await store().updateSpan({ traceId: traceId(1), spanId: spanId(0), updates: { output: 'only here' } });
    expect(await store().getSpan(address)).to.deep.equal(span(0, 0, { input: 'a' }));
    expect(await store().getSpan({ ...address, traceId: traceId(1) })).to.include({ output: 'only here' });
  });

  it('spans whose ids are not time-ordered or not hex are recognised too', async () => {
    const foreign = ['ﬀ-bmp', '😀-astral', 'zz', 'A', '0'].map((id) => span(0, 0, { traceId: id, id }));
    await store().batchCreateSpans({ records: foreign });
    await store().batchCreateSpans({ records: [...foreign].reverse() });
    expect((await store().listTraces({ pagination: { perPage: 100 } })).pagination.total).to.equal(5);
  });

  it('a batch longer than one transaction is stored whole', async () => {
    const records = Array.from({ length: 2_345 }, (_, n) => span(n % 7, n));
    await store().batchCreateSpans({ records });
    const { spans } = await store().listTraces({ pagination: { perPage: 10 } });
    expect(spans.reduce((sum, { spanCount }) => sum + spanCount, 0)).to.equal(2_345);
  });

  it('a trace is ordered by start, of equal starts the longer first', async () => {
    const at = (startUnixMicro: number, endUnixMicro: number | undefined) => ({
      startUnixMicro,
      endUnixMicro,
      startTime: new Date(startUnixMicro / 1000),
      endTime: endUnixMicro === undefined ? undefined : new Date(endUnixMicro / 1000),
    });
    const inOrder = [
      span(0, 9, at(START, undefined)),
      span(0, 4, at(START, START + 50)),
      span(0, 2, at(START, START + 5)),
      span(0, 3, at(START, START + 5)),
      span(0, 1, at(START + 1, START + 2)),
    ];
    await store().batchCreateSpans({ records: [4, 2, 0, 3, 1].map((i) => inOrder[i]!) });
    expect((await store().getTrace({ traceId: traceId(0) }))?.spans).to.deep.equal(inOrder);
  });

  it('one row per span in the table, however it came', async () => {
    for (const seq of [3, 1, 2, 3, 1]) await store().createSpan({ span: span(0, 0, { seq, output: seq }) });
    expect((await store().listTraces()).spans[0]?.spanCount).to.equal(1);
    expect((await store().getSpan(address))?.output).to.equal(3);
  });

  it('snapshots and changes in any order, in any batches, some of them twice, end as the newest of each field', async () => {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (random) => {
        await store().dangerouslyClearAll();
        const pick = (max: number) => random(fc.nat, max - 1);
        const history = Array.from({ length: 12 }, (_, n) => historyOf(n, pick)).flat();
        const deliveries = shuffled([...history, ...history.filter(() => pick(3) === 0)], pick);
        while (deliveries.length > 0) await deliver(store(), deliveries.splice(0, 1 + pick(9)));
        await deliver(store(), history);
        expect(await everything(store())).to.deep.equal(newestOf(history));
      }),
      { seed: 424242, numRuns: 12 },
    );
  });
});

type Pick = (max: number) => number;

/** A delivery: a whole snapshot, or a change that has only some of the fields of its snapshot. */
interface Delivery {
  span: ExportedSpan;
  isChange: boolean;
}

/** Snapshots of one span with random fields; each has its own `seq`, and the first is whole. */
function historyOf(n: number, pick: Pick): Delivery[] {
  const length = 1 + pick(5);
  return Array.from({ length }, (_, index) => {
    const seq = index + 1;
    const isLast = seq === length;
    const fields: Partial<Record<keyof ExportedSpan, unknown>> = { seq };
    if (pick(2)) fields.output = `${n}/${seq}`;
    if (pick(2)) fields.metadata = { seq };
    if (pick(3) === 0) fields.tags = [`t${seq}`];
    if (pick(4) === 0) fields.errorInfo = { message: `failed at ${seq}` };
    const snapshot = isLast ? span(n % 4, n, fields) : started(n % 4, n, fields);
    return { span: snapshot, isChange: index > 0 };
  });
}

function changeOf({ span: { id, traceId, name: _, type: _type, ...updates } }: Delivery): SpanChange {
  return { traceId, spanId: id, updates };
}

async function deliver(store: ObservabilityStorage, deliveries: readonly Delivery[]): Promise<void> {
  const creates = deliveries.filter(({ isChange }) => !isChange);
  const changes = deliveries.filter(({ isChange }) => isChange);
  await Promise.all([
    store.batchCreateSpans({ records: creates.map((delivery) => delivery.span) }),
    store.batchUpdateSpans({ records: changes.map(changeOf) }),
  ]);
}

async function everything(store: ObservabilityStorage): Promise<Record<string, ExportedSpan>> {
  const traces = await Promise.all([0, 1, 2, 3].map((n) => store.getTrace({ traceId: traceId(n) })));
  const spans = traces.flatMap((trace) => trace?.spans ?? []);
  return Object.fromEntries(spans.map((found) => [`${found.traceId}/${found.id}`, found]));
}

/** The plain reference: for each span its snapshots by `seq`, later ones over earlier ones. */
function newestOf(history: readonly Delivery[]): Record<string, ExportedSpan> {
  const spans: Record<string, ExportedSpan> = {};
  for (const { span: snapshot } of [...history].sort((a, b) => a.span.seq - b.span.seq)) {
    const key = `${snapshot.traceId}/${snapshot.id}`;
    spans[key] = { ...spans[key], ...snapshot };
  }
  return spans;
}

function shuffled<T>(items: T[], pick: Pick): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = pick(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}
