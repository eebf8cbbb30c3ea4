import { expect } from 'chai';
import fc from 'fast-check';
import { storeInMemory } from './opened.ts';
import { START, span, spanId, traceId } from './records.ts';
import { randomSpans, search, summariesOf } from './trace-reference.ts';

describe('traces with, and without, a failure below their entry', () => {
  const store = storeInMemory();

  it('are found among the newest as among all, also with traces that have no entry of their own', async () => {
    const spans = fc.sample(randomSpans, { seed: 4242, numRuns: 1 })[0]!;
    await store().batchCreateSpans({ records: spans });
    const summaries = summariesOf(spans);
    for (const hasChildError of [true, false]) {
      for (const orderBy of [
        { field: 'startedAt', direction: 'DESC' },
        { field: 'startedAt', direction: 'ASC' },
        { field: 'endedAt', direction: 'DESC' },
      ] as const) {
        for (const filters of [{ hasChildError }, { hasChildError, name: 'a' }]) {
          const expected = search(summaries, { filters, orderBy });
          // The first counts them all, the others look near first.
          for (const [page, perPage] of [
            [0, 1],
            [0, 1],
            [0, 3],
            [2, 3],
            [0, 100],
          ] as const) {
            const listed = await store().listTraces({ filters, orderBy, pagination: { page, perPage } });
            expect(listed.spans).to.deep.equal(expected.slice(page * perPage, (page + 1) * perPage));
            expect(listed.pagination.total).to.equal(expected.length);
          }
        }
      }
    }
  }).timeout(60_000);

  it('are found also where they are far from the newest', async () => {
    const records = Array.from({ length: 100 }, (_, n) => [
      span(n, 0),
      span(n, 1, { status: n < 3 ? 'error' : 'ok' }),
    ]).flat();
    await store().batchCreateSpans({ records });
    for (let again = 0; again < 2; again++) {
      const { spans, pagination } = await store().listTraces({
        filters: { hasChildError: true },
        pagination: { perPage: 1 },
      });
      expect(spans.map((found) => found.traceId)).to.deep.equal([traceId(2)]);
      expect(pagination.total).to.equal(3);
      const next = await store().listTraces({
        filters: { hasChildError: true },
        pagination: { perPage: 1, after: pagination.nextCursor },
      });
      expect(next.spans.map((found) => found.traceId)).to.deep.equal([traceId(1)]);
    }
  });

  it('a branch of hundreds of spans has each of them', async () => {
    const records = Array.from({ length: 250 }, (_, n) => span(0, n, { startUnixMicro: START + (n % 7) }));
    await store().batchCreateSpans({ records: [...records, span(1, 0)] });
    const branch = await store().getBranch({ traceId: traceId(0), spanId: spanId(0) });
    expect(new Set(branch?.spans.map(({ id }) => id))).to.deep.equal(new Set(records.map(({ id }) => id)));
    expect(branch?.spans).to.deep.equal((await store().getTrace({ traceId: traceId(0) }))?.spans);
  });
});
