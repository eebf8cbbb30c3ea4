import { expect } from 'chai';
import { storeInMemory } from './opened.ts';
import { START, span, spanId, started, traceId } from './records.ts';

const address = { traceId: traceId(0) };

describe('parts of a trace in the DuckDB store', () => {
  const store = storeInMemory();

  it('the structure tells ids, parents, names and times of all spans, and nothing of their payloads', async () => {
    await store().batchCreateSpans({
      records: [
        span(0, 0, { type: 'agent_run', name: 'agent', endUnixMicro: START + 9_500, input: 'secret' }),
        span(0, 1, { name: 'tool', status: 'error' }),
        started(0, 2, { name: 'tool', type: 'tool_call', parentSpanId: spanId(1) }),
        span(0, 3, { name: 'agent', status: undefined, parentSpanId: 'ffffffffffffffff' }),
        span(1, 0),
      ],
    });
    expect(await store().getStructure(address)).to.deep.equal({
      traceId: traceId(0),
      startUnixMicro: START,
      names: ['agent', 'tool'],
      types: ['agent_run', 'generic', 'tool_call'],
      statuses: ['ok', 'error', 'running'],
      spanId: [0, 1, 2, 3].map(spanId),
      parent: [null, 0, 1, null],
      name: [0, 1, 1, 0],
      type: [0, 1, 2, 1],
      status: [0, 1, 2, null],
      start: [0, 1_000, 2_000, 3_000],
      duration: [9_500, 500, null, 500],
    });
    expect(await store().getStructure({ traceId: traceId(7) })).to.equal(null);
  });

  it('the structure has the spans in the order of the trace and takes at most 1 MB for 10,000', async () => {
    const records = Array.from({ length: 10_000 }, (_, n) =>
      span(0, n, { name: `step ${n % 300}`, startUnixMicro: START + ((n * 7919) % 10_000) * 1_000_003 }),
    );
    await store().batchCreateSpans({ records });
    const structure = (await store().getStructure(address))!;
    const { spans } = (await store().getTrace(address))!;
    expect(structure.spanId).to.deep.equal(spans.map(({ id }) => id));
    expect(structure.start[9_999]).to.equal(9_999 * 1_000_003);
    expect(JSON.stringify(structure).length).to.be.below(1_000_000);
  }).timeout(30_000);

  it('a branch is a span with all below it, or with so many levels', async () => {
    const parents = [undefined, 0, 1, 1, 2, 0, 5];
    const records = parents.map((parent, n) =>
      span(0, n, { parentSpanId: parent === undefined ? undefined : spanId(parent) }),
    );
    await store().batchCreateSpans({ records: [...records, span(1, 1)] });
    const branch = async (n: number, depth?: number) =>
      (await store().getBranch({ ...address, spanId: spanId(n), ...(depth !== undefined && { depth }) }))
        ?.spans;
    const taken = (...numbers: number[]) => numbers.map((n) => records[n]);
    expect(await branch(1)).to.deep.equal(taken(1, 2, 3, 4));
    expect(await branch(1, 1)).to.deep.equal(taken(1, 2, 3));
    expect(await branch(0, 0)).to.deep.equal(taken(0));
    expect(await branch(0)).to.deep.equal(records);
    expect(await branch(6)).to.deep.equal(taken(6));
    expect(await branch(9)).to.equal(undefined);
  });

  it('a branch of spans that are their own ancestors has each once', async () => {
    const circle = [1, 2, 3].map((n) => span(0, n, { parentSpanId: spanId(n === 1 ? 3 : n - 1) }));
    await store().batchCreateSpans({ records: [...circle, span(0, 4, { parentSpanId: spanId(4) })] });
    const branch = async (n: number) => (await store().getBranch({ ...address, spanId: spanId(n) }))?.spans;
    expect(await branch(2)).to.deep.equal(circle);
    expect((await branch(4))?.map(({ id }) => id)).to.deep.equal([spanId(4)]);
  });

  it('spans that are asked for by id come in the order of the trace, unknown ones not at all', async () => {
    const records = [0, 1, 2, 3].map((n) => span(0, n));
    await store().batchCreateSpans({ records: [...records, span(1, 2)] });
    const asked = { ...address, spanIds: [3, 9, 1, 3].map(spanId) };
    expect(await store().getSpans(asked)).to.deep.equal({ ...address, spans: [records[1], records[3]] });
    expect(await store().getSpans({ ...address, spanIds: [] })).to.deep.equal({ ...address, spans: [] });
  });
});
