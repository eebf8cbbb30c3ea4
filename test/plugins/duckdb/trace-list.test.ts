import { expect } from 'chai';
import fc from 'fast-check';
import type { ListTracesArgs } from '../../../core/index.ts';
import { storeInMemory } from './opened.ts';
import { START, span, spanId, traceId } from './records.ts';
import { isWithin, randomQuery, randomSpans, search, summariesOf } from './trace-reference.ts';

type Filters = NonNullable<ListTracesArgs['filters']>;

describe('listTraces of the DuckDB store', () => {
  const store = storeInMemory();

  it('finds by any filter, on any page, what a plain search finds, with the exact total', async () => {
    const spans = fc.sample(randomSpans, { seed: 77, numRuns: 1 })[0]!;
    await store().batchCreateSpans({ records: spans });
    const summaries = summariesOf(spans);
    const queries = fc.sample(randomQuery, { seed: 78, numRuns: 90 });
    let found = 0;
    for (const query of queries) {
      const expected = search(summaries, query);
      const { page = 0, perPage = 10 } = query.pagination ?? {};
      const listed = await store().listTraces(query);
      const shown = expected.slice(page * perPage, (page + 1) * perPage);
      expect(listed.spans, JSON.stringify(query)).to.deep.equal(shown);
      const hasMore = (page + 1) * perPage < expected.length;
      const { nextCursor, ...pagination } = listed.pagination;
      expect(pagination, JSON.stringify(query)).to.deep.equal({
        total: expected.length,
        page,
        perPage,
        hasMore,
      });
      expect(nextCursor !== undefined, JSON.stringify(query)).to.equal(hasMore);
      found += listed.spans.length;
    }
    expect(found).to.be.greaterThan(100);
  });

  it('shows every trace once, page by page, also when all start at the same time', async () => {
    const startUnixMicro = START;
    const spans = Array.from({ length: 23 }, (_, n) =>
      span(n, 0, { startUnixMicro, endUnixMicro: START + 1, endTime: new Date(START / 1000) }),
    );
    await store().batchCreateSpans({ records: spans });
    for (const field of ['startedAt', 'endedAt'] as const) {
      const seen: string[] = [];
      for (let page = 0; page < 5; page++) {
        const listed = await store().listTraces({ pagination: { page, perPage: 5 }, orderBy: { field } });
        seen.push(...listed.spans.map((found) => found.traceId));
      }
      expect(seen).to.deep.equal(spans.map((known) => known.traceId).reverse());
    }
  });

  it('a page behind the last is empty and keeps the total', async () => {
    await store().batchCreateSpans({ records: [span(0, 0), span(1, 0)] });
    const behind = await store().listTraces({ pagination: { page: 7, perPage: 100 } });
    expect(behind).to.deep.equal({
      spans: [],
      pagination: { total: 2, page: 7, perPage: 100, hasMore: false },
    });
    const none = await store().listTraces({ filters: { userId: 'nobody' } });
    expect(none).to.deep.equal({ spans: [], pagination: { total: 0, page: 0, perPage: 10, hasMore: false } });
  });

  it('lists a trace below a remote parent by the first span whose parent is not there', async () => {
    const spans = [
      span(0, 3, { parentSpanId: spanId(2) }),
      span(0, 2, { parentSpanId: 'ffffffffffffffff', isRootSpan: true }),
      span(0, 5, { parentSpanId: 'eeeeeeeeeeeeeeee' }),
    ];
    await store().batchCreateSpans({ records: spans });
    const { spans: listed, pagination } = await store().listTraces();
    expect(pagination.total).to.equal(1);
    expect(listed[0]?.id).to.equal(spanId(2));
    expect(await store().getRootSpan({ traceId: traceId(0) })).to.deep.equal(spans[1]);
  });

  it('lists a trace whose spans are their own parents in a circle', async () => {
    const circle = [span(0, 1, { parentSpanId: spanId(2) }), span(0, 2, { parentSpanId: spanId(1) })];
    await store().batchCreateSpans({ records: circle });
    expect((await store().listTraces()).spans[0]?.id).to.equal(spanId(1));
    expect((await store().getRootSpan({ traceId: traceId(0) }))?.id).to.equal(spanId(1));
  });

  it('knows no root span of an unknown trace', async () => {
    expect(await store().getRootSpan({ traceId: traceId(5) })).to.equal(null);
    expect(await store().getTrace({ traceId: traceId(5) })).to.equal(null);
    expect(await store().getSpan({ traceId: traceId(5), spanId: spanId(0) })).to.equal(null);
  });

  it('counts the usage of a model call once, although its steps report theirs', async () => {
    const usage = (inputTokens: number, outputTokens: number, total?: number) => ({
      attributes: { usage: { inputTokens, outputTokens }, ...(total !== undefined && { cost: { total } }) },
    });
    await store().batchCreateSpans({
      records: [
        span(0, 0),
        span(0, 1, { type: 'model_generation', ...usage(100, 40) }),
        span(0, 2, { type: 'model_step', parentSpanId: spanId(1), ...usage(60, 30, 0.25) }),
        span(0, 3, { type: 'model_step', parentSpanId: spanId(1), ...usage(40, 10, 0.5) }),
        span(0, 4, { type: 'tool_call', parentSpanId: spanId(1) }),
        span(0, 5, { type: 'model_generation', parentSpanId: spanId(4), ...usage(7, 7, 1) }),
        span(0, 6, {
          type: 'embedding',
          attributes: { usage: { inputTokens: 5 }, cost: { input: 0.5, output: 0.125 } },
        }),
        span(1, 0, { attributes: { usage: 'lots', cost: { total: 'free' } } }),
      ],
    });
    const [other, summary] = (await store().listTraces()).spans;
    expect(summary).to.include({ spanCount: 7, inputTokens: 105, outputTokens: 40, cost: 2.375 });
    expect(other).to.not.have.any.keys('inputTokens', 'outputTokens', 'cost');
  });

  it('compares times as the Dates that spans show, with open and closed ends', async () => {
    const times = [-1_500, -1_000, -999, 0, 999, 1_000, 1_999, 2_000];
    const spans = times.map((time, n) =>
      span(n, 0, { startUnixMicro: time, startTime: new Date(time / 1000) }),
    );
    await store().batchCreateSpans({ records: spans });
    for (const start of [-1, 0, 1, undefined])
      for (const end of [-1, 0, 1, undefined])
        for (const exclusive of [true, false]) {
          const range = {
            startExclusive: exclusive,
            endExclusive: exclusive,
            ...(start !== undefined && { start: new Date(start) }),
            ...(end !== undefined && { end: new Date(end) }),
          };
          const listed = await store().listTraces({
            filters: { startedAt: range },
            pagination: { perPage: 50 },
            orderBy: { direction: 'ASC' },
          });
          const expected = spans.filter(({ startTime }) => isWithin(startTime, range));
          expect(
            listed.spans.map(({ id, traceId }) => traceId + id),
            JSON.stringify(range),
          ).to.deep.equal(expected.map(({ id, traceId }) => traceId + id));
        }
  });

  it('tells apart a metadata entry that is null, absent, a number and its text', async () => {
    const values = [
      null,
      undefined,
      1,
      '1',
      1.5,
      -3e9,
      2 ** 53,
      1e300,
      -0.25,
      true,
      'true',
      'null',
      '',
      [1],
      { a: 1 },
    ];
    const spans = values.map((value, n) =>
      span(n, 0, { metadata: { key: value, 'a.b"c/~1*': value, '': value } }),
    );
    await store().batchCreateSpans({ records: [...spans, span(99, 0)] });
    for (const key of ['key', 'a.b"c/~1*', ''])
      for (const [n, value] of values.entries()) {
        if (value === undefined || (typeof value === 'object' && value !== null)) continue;
        const { spans: listed } = await store().listTraces({ filters: { metadata: { [key]: value } } });
        expect(
          listed.map((found) => found.traceId),
          `${key} = ${JSON.stringify(value)}`,
        ).to.deep.equal([traceId(n)]);
      }
  });

  const attacks = [
    "x' OR '1'='1",
    "'; DROP TABLE obs_spans; --",
    '$1',
    '%',
    '" OR true --',
    "\\' OR 1=1 --",
    'x\u0000y',
    '*',
    '$.*',
  ];
  it('takes filter values for what they are, never for SQL', async () => {
    const plain = span(0, 0, { userId: 'x', tags: ['x'], metadata: { key: 'x' }, name: 'x' });
    const spans = attacks.map((text, n) =>
      span(n + 1, 0, { userId: text, name: text, tags: [text], metadata: { [text]: text } }),
    );
    await store().batchCreateSpans({ records: [plain, ...spans] });
    for (const [n, text] of attacks.entries())
      for (const filters of [
        { userId: text },
        { name: text },
        { type: 'generic', tags: [text] },
        { metadata: { [text]: text } },
      ]) {
        const { spans: listed, pagination } = await store().listTraces({ filters });
        expect(pagination.total, JSON.stringify(filters)).to.equal(1);
        expect(listed[0]?.traceId).to.equal(traceId(n + 1));
      }
    expect(await store().getTrace({ traceId: "' OR true --" })).to.equal(null);
    expect((await store().listTraces()).pagination.total).to.equal(attacks.length + 1);
  });

  it('refuses a filter that does not exist, with its name', async () => {
    const refused = await store()
      .listTraces({ filters: { colour: 'red' } as Filters, pagination: { perPage: 0 } })
      .catch((error) => error);
    expect(refused).to.have.property('code', 'OBS_STORE_QUERY');
    expect(refused.message)
      .to.match(/colour/)
      .and.match(/pagination.perPage/);
  });
});
