import { expect } from 'chai';
import fc from 'fast-check';
import type { ListTracesArgs, ObservabilityStorage } from '../../../core/index.ts';
import { storeInMemory } from './opened.ts';
import { START, span, started, traceId } from './records.ts';
import { randomSpans, search, summariesOf } from './trace-reference.ts';

type Order = NonNullable<ListTracesArgs['orderBy']>;

const ORDERS: Order[] = (['startedAt', 'endedAt'] as const).flatMap((field) =>
  (['ASC', 'DESC'] as const).map((direction) => ({ field, direction })),
);

/** The ids of a list that is followed from cursor to cursor; `between` is called before each further page. */
async function follow(
  store: ObservabilityStorage,
  args: ListTracesArgs,
  perPage: number,
  between: (page: number) => Promise<unknown> = async () => {},
): Promise<{ ids: string[]; totals: Set<number> }> {
  const ids: string[] = [];
  const totals = new Set<number>();
  let after: string | undefined;
  do {
    const pagination = { perPage, ...(after !== undefined && { after }) };
    const listed = await store.listTraces({ ...args, pagination });
    expect(listed.spans.length).to.be.at.most(perPage);
    ids.push(...listed.spans.map((found) => found.traceId));
    totals.add(listed.pagination.total);
    after = listed.pagination.nextCursor;
    expect(listed.pagination.hasMore).to.equal(after !== undefined);
    if (after !== undefined) await between(ids.length / perPage);
  } while (after !== undefined);
  return { ids, totals };
}

describe('pages of listTraces that follow a cursor', () => {
  const store = storeInMemory();

  it('together are the whole list, in any order and with any filter', async () => {
    const spans = fc.sample(randomSpans, { seed: 31, numRuns: 1 })[0]!;
    await store().batchCreateSpans({ records: spans });
    const summaries = summariesOf(spans);
    for (const orderBy of ORDERS)
      for (const filters of [{}, { hasChildError: false }, { status: 'running' as const }]) {
        const expected = search(summaries, { filters, orderBy }).map((summary) => summary.traceId);
        const { ids, totals } = await follow(store(), { filters, orderBy }, 13);
        expect(ids, JSON.stringify({ filters, orderBy })).to.deep.equal(expected);
        expect([...totals]).to.deep.equal([expected.length]);
      }
  });

  it('stay right where many traces start and end at the same time', async () => {
    const startUnixMicro = START;
    const same = { startUnixMicro, endUnixMicro: START + 1, endTime: new Date(START / 1000) };
    const spans = Array.from({ length: 25 }, (_, n) =>
      n % 3 === 0 ? started(n, 0, { startUnixMicro }) : span(n, 0, same),
    );
    await store().batchCreateSpans({ records: spans });
    for (const orderBy of ORDERS) {
      const expected = search(summariesOf(spans), { orderBy }).map((summary) => summary.traceId);
      expect((await follow(store(), { orderBy }, 5)).ids, JSON.stringify(orderBy)).to.deep.equal(expected);
    }
  });

  it('show every trace once while newer ones are added', async () => {
    const before = Array.from({ length: 20 }, (_, n) => span(n, 0));
    await store().batchCreateSpans({ records: before });
    let added = 20;
    const { ids } = await follow(store(), {}, 6, () =>
      store().batchCreateSpans({ records: [span(added++, 0), span(added, 1), span(added++, 0)] }),
    );
    expect(added).to.equal(26);
    expect(ids).to.deep.equal(before.map((known) => known.traceId).reverse());
    const inOrder = { orderBy: { direction: 'ASC' as const } };
    const { ids: all } = await follow(store(), inOrder, 10, () =>
      store().batchCreateSpans({ records: [span(added++, 0)] }),
    );
    expect(all).to.deep.equal(Array.from({ length: added }, (_, n) => traceId(n)));
  });

  it('refuse a cursor of another order, and what is no cursor', async () => {
    await store().batchCreateSpans({ records: [span(0, 0), span(1, 0), span(2, 0)] });
    const { nextCursor } = (await store().listTraces({ pagination: { perPage: 1 } })).pagination;
    const wrong: ListTracesArgs[] = [
      { pagination: { after: nextCursor! }, orderBy: { direction: 'ASC' } },
      { pagination: { after: nextCursor! }, orderBy: { field: 'endedAt' } },
      ...['x', '"', 'bnVsbA', 'W10', Buffer.from('["1","a","startedAt","DESC"]').toString('base64url')].map(
        (after) => ({ pagination: { after } }),
      ),
      { pagination: { after: nextCursor!, page: 2 } },
    ];
    for (const args of wrong) {
      const refused = await store()
        .listTraces(args)
        .catch((error) => error);
      expect(refused, JSON.stringify(args)).to.have.property('code', 'OBS_STORE_QUERY');
      expect(refused.message).to.match(/pagination/);
    }
  });
});

describe('listTraces with a text to search for', () => {
  const store = storeInMemory();
  const find = async (text: string) => {
    const { spans, pagination } = await store().listTraces({
      filters: { search: text },
      orderBy: { direction: 'ASC' },
    });
    expect(pagination.total).to.equal(spans.length);
    return spans.map((found) => found.traceId);
  };

  it('finds it in any field that has text, of any span of the trace, in upper or lower case', async () => {
    const fields = [
      { name: 'The NEEDLE of it' },
      { input: { question: ['is there a needle?'] } },
      { output: 'neeDLEs' },
      { attributes: { model: 'needle-4' } },
      { metadata: { needle: 1 } },
      { errorInfo: { message: 'no needle' } },
    ];
    await store().batchCreateSpans({
      records: [
        ...fields.flatMap((more, n) => [span(n, 0), span(n, 1), span(n, 2, more)]),
        span(9, 0, { input: 'need le', userId: 'needle' }),
      ],
    });
    expect(await find('needle')).to.deep.equal(fields.map((_, n) => traceId(n)));
  });

  it('takes it for what it is, never for a pattern', async () => {
    const texts = [
      'a.c',
      '100%',
      '(x|y)',
      'C:\\dir',
      'say "hi"',
      'two\nlines',
      'tab\there',
      '[a-z]+',
      '^$',
      'Ünï',
    ];
    await store().batchCreateSpans({
      records: [
        ...texts.map((text, n) =>
          span(n, 0, n % 2 ? { name: `<${text}>` } : { input: { text: `<${text}>` } }),
        ),
        span(50, 0, { name: 'abc x 100 C:dir two lines az' }),
      ],
    });
    for (const [n, text] of texts.entries()) expect(await find(text), text).to.deep.equal([traceId(n)]);
    expect(await find('ünÏ')).to.deep.equal([traceId(9)]);
  });
});
