import { expect } from 'chai';
import fc from 'fast-check';
import { totalsOf } from '../../../plugins/duckdb/read/trace-totals.ts';
import { engineInMemory } from './opened.ts';
import { span, spanId, traceId } from './records.ts';

const SPANS = 12;
const amount = fc.option(fc.nat(9), { nil: undefined, freq: 1 });
/** A span below any other, itself included, so that there are chains, trees and circles. */
const reporting = fc.record({
  parent: fc.option(fc.nat(SPANS), { nil: undefined, freq: 4 }),
  status: fc.constantFrom('ok', 'error', 'running'),
  inputTokens: amount,
  outputTokens: amount,
  cost: fc.constantFrom(
    {},
    { total: 1 },
    { input: 2 },
    { output: 3 },
    { input: 2, output: 3 },
    { total: 'x' },
  ),
});

describe('what traces amount to', () => {
  const { store, read } = engineInMemory();
  before(() => store.init());
  beforeEach(() => store.dangerouslyClearAll());
  after(() => store.close());

  it('is the same whether JavaScript or DuckDB adds it up', async () => {
    const traces = fc.sample(fc.array(reporting, { minLength: SPANS, maxLength: SPANS }), {
      seed: 31,
      numRuns: 60,
    });
    const records = traces.flatMap((trace, t) =>
      trace.map(({ parent, status, cost, ...usage }, n) =>
        span(t, n, {
          status,
          parentSpanId: parent === undefined ? undefined : spanId(parent),
          attributes: { usage, cost },
        }),
      ),
    );
    await store.batchCreateSpans({ records });
    const ids = traces.map((_, t) => traceId(t));
    const here = await read((connection) => totalsOf(connection, ids));
    const there = await read((connection) => totalsOf(connection, ids, 0));
    expect(Object.fromEntries(here)).to.deep.equal(Object.fromEntries(there));
    expect(here.size).to.equal(traces.length);
    expect([...here.values()].some(({ cost }) => cost !== undefined)).to.equal(true);
  });
});
