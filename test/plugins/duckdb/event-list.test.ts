import { expect } from 'chai';
import fc from 'fast-check';
import {
  type ListLogsArgs,
  type ListMetricsArgs,
  LOG_LEVELS,
  type LogEvent,
  type MetricEvent,
  type PageInfo,
} from '../../../core/index.ts';
import { storeInMemory } from './opened.ts';
import { eventId, feedback, log, metric, START, score, spanId, traceId } from './records.ts';

const words = fc.constantFrom('a', 'b', 'c');
const optional = { requiredKeys: [] as [], noNullPrototype: true } as const;
const time = fc.nat(9_000).map((after) => START + after);
const correlation = fc.record({ userId: words, sessionId: words, environment: words }, optional);
const about = fc.record(
  { traceId: fc.nat(3).map(traceId), spanId: fc.nat(3).map(spanId), correlation },
  optional,
);
const timestamp = fc.record(
  {
    start: time.map(dateOf),
    end: time.map(dateOf),
    startExclusive: fc.boolean(),
    endExclusive: fc.boolean(),
  },
  optional,
);
const page = {
  pagination: fc.record(
    { page: fc.nat(3), perPage: fc.constantFrom(1, 7, 20, 1000) },
    { noNullPrototype: true },
  ),
  orderBy: fc.record(
    { direction: fc.constantFrom('ASC' as const, 'DESC' as const) },
    { noNullPrototype: true },
  ),
};
const eventFilters = {
  traceId: fc.nat(3).map(traceId),
  spanId: fc.nat(3).map(spanId),
  userId: words,
  sessionId: words,
  timestamp,
};

function dateOf(micro: number): Date {
  return new Date(micro / 1000);
}

function placed<E extends LogEvent | MetricEvent>(event: E, timeUnixMicro: number, more: object): E {
  return { ...event, timeUnixMicro, timestamp: dateOf(timeUnixMicro), ...more };
}

type Query = NonNullable<ListLogsArgs & ListMetricsArgs>;

/** The plain reference: all that match, in order. */
function search<E extends LogEvent | MetricEvent>(
  events: readonly E[],
  query: Query,
  own: (event: E) => boolean,
): E[] {
  const { traceId, spanId, userId, sessionId, timestamp } = query.filters ?? {};
  const sign = query.orderBy?.direction === 'ASC' ? 1 : -1;
  return events
    .filter(
      (event) =>
        own(event) &&
        (traceId === undefined || event.traceId === traceId) &&
        (spanId === undefined || event.spanId === spanId) &&
        (userId === undefined || event.correlation?.userId === userId) &&
        (sessionId === undefined || event.correlation?.sessionId === sessionId) &&
        isWithin(event.timestamp, timestamp ?? {}),
    )
    .sort((a, b) => sign * (a.timeUnixMicro - b.timeUnixMicro || (a.id < b.id ? -1 : 1)));
}

type Range = NonNullable<NonNullable<ListLogsArgs['filters']>['timestamp']>;

function isWithin(time: Date, { start, end, startExclusive, endExclusive }: Range): boolean {
  if (start && (startExclusive ? time <= start : time < start)) return false;
  return !(end && (endExclusive ? time >= end : time > end));
}

function pageOf<E>(events: readonly E[], { pagination: { page = 0, perPage = 10 } = {} }: Query) {
  const total = events.length;
  const shown = events.slice(page * perPage, (page + 1) * perPage);
  return { shown, pagination: { total, page, perPage, hasMore: (page + 1) * perPage < total } };
}

/** A page as it is when its cursor, which is opaque, is there exactly where there is more. */
function withoutCursor<P extends { pagination: PageInfo }>(listed: P): P {
  const { nextCursor, ...pagination } = listed.pagination;
  expect(nextCursor === undefined).to.equal(!pagination.hasMore);
  return { ...listed, pagination };
}

describe('the lists of metrics, logs, scores and feedback in the DuckDB store', () => {
  const store = storeInMemory();

  it('find logs by any filter on any page, with the exact total', async () => {
    const parts = fc.array(fc.tuple(time, about, fc.constantFrom(...LOG_LEVELS)), {
      minLength: 80,
      maxLength: 80,
      size: 'max',
    });
    const logs = fc
      .sample(parts, { seed: 5, numRuns: 1 })[0]!
      .map(([at, more, level], n) => placed(log(n, { record: { level, message: `line ${n}` } }), at, more));
    await store().batchCreateLogs({ records: logs });
    const level = fc.oneof(fc.constantFrom(...LOG_LEVELS), fc.uniqueArray(fc.constantFrom(...LOG_LEVELS)));
    const filters = fc.record({ ...eventFilters, level }, optional);
    const queries = fc.record({ filters, ...page }, { noNullPrototype: true });
    for (const query of fc.sample(queries, { seed: 6, numRuns: 60 }) as Query[]) {
      const wanted = query.filters?.level;
      const expected = pageOf(
        search(logs, query, ({ record }) => wanted === undefined || [wanted].flat().includes(record.level)),
        query,
      );
      const listed = await store().listLogs(query);
      expect(withoutCursor(listed), JSON.stringify(query)).to.deep.equal({
        logs: expected.shown,
        pagination: expected.pagination,
      });
    }
  });

  it('find metrics by any filter on any page, with the exact total', async () => {
    const labels = fc.record({ model: words, 'a.b/~"': words, '': words }, optional);
    const metricType = fc.constantFrom('counter' as const, 'gauge' as const, 'histogram' as const);
    const parts = fc.array(fc.tuple(time, about, words, labels, metricType), {
      minLength: 80,
      maxLength: 80,
      size: 'max',
    });
    const metrics = fc
      .sample(parts, { seed: 7, numRuns: 1 })[0]!
      .map(([at, more, name, labels, metricType], n) =>
        placed(metric(n, { name, labels, metricType }), at, more),
      );
    await store().batchCreateMetrics({ records: metrics });
    const filters = fc.record({ ...eventFilters, name: words, metricType, labels }, optional);
    const queries = fc.record({ filters, ...page }, { noNullPrototype: true });
    for (const query of fc.sample(queries, { seed: 8, numRuns: 60 }) as Query[]) {
      const { name, metricType, labels = {} } = query.filters ?? {};
      const own = (event: MetricEvent) =>
        (name === undefined || event.name === name) &&
        (metricType === undefined || event.metricType === metricType) &&
        Object.entries(labels).every(([key, value]) => event.labels[key] === value);
      const expected = pageOf(search(metrics, query, own), query);
      const listed = await store().listMetrics(query);
      expect(withoutCursor(listed), JSON.stringify(query)).to.deep.equal({
        metrics: expected.shown,
        pagination: expected.pagination,
      });
    }
  });

  it('find scores by scorer and feedback by type', async () => {
    const scores = [0, 1, 2].map((n) =>
      score(n, { score: { scorerId: n === 1 ? 'other' : 'relevance', score: n } }),
    );
    const opinions = [0, 1].map((n) =>
      feedback(n, { feedback: { feedbackType: `type ${n}`, value: 'fine' } }),
    );
    await store().batchCreateScores({ records: scores });
    await store().batchCreateFeedback({ records: opinions });
    const found = await store().listScores({
      filters: { scorerId: 'relevance' },
      pagination: { perPage: 1 },
    });
    const { nextCursor, ...pagination } = found.pagination;
    expect(found.scores).to.deep.equal([scores[2]]);
    expect(pagination).to.deep.equal({ total: 2, page: 0, perPage: 1, hasMore: true });
    expect(nextCursor).to.be.a('string');
    const liked = await store().listFeedback({ filters: { feedbackType: 'type 1' } });
    expect(liked.feedback).to.deep.equal([opinions[1]]);
    expect(
      (await store().listFeedback({ filters: { feedbackType: "type 1' OR true --" } })).pagination.total,
    ).to.equal(0);
  });

  it('show an event once, however often it is delivered', async () => {
    const records = [0, 1, 2].map((n) => log(n));
    await store().batchCreateLogs({ records: [...records, ...records] });
    await store().batchCreateLogs({ records: [log(2), log(3)] });
    await store().batchCreateMetrics({ records: [metric(1), metric(1)] });
    await store().batchCreateScores({ records: [score(1)] });
    await store().batchCreateScores({ records: [score(1)] });
    await store().batchCreateFeedback({ records: [feedback(1), feedback(1)] });
    expect((await store().listLogs()).logs.map(({ id }) => id)).to.deep.equal([3, 2, 1, 0].map(eventId));
    for (const list of [store().listMetrics(), store().listScores(), store().listFeedback()])
      expect((await list).pagination.total).to.equal(1);
  });

  it('show logs of one moment in one order, page by page', async () => {
    const same = { timestamp: dateOf(START), timeUnixMicro: START };
    await store().batchCreateLogs({ records: [4, 1, 3, 0, 2].map((n) => log(n, same)) });
    const ids: string[] = [];
    for (let page = 0; page < 5; page++)
      ids.push(...(await store().listLogs({ pagination: { page, perPage: 1 } })).logs.map(({ id }) => id));
    expect(ids).to.deep.equal([4, 3, 2, 1, 0].map(eventId));
  });

  for (const direction of ['ASC', 'DESC'] as const)
    for (const text of [undefined, 'LINE'])
      it(`go on behind a cursor (${direction}${text ? ', searching' : ''}) while events are added`, async () => {
        const at = (n: number, micro: number) => log(n, { timeUnixMicro: micro, timestamp: dateOf(micro) });
        const times = [-2_000, -1_500, -1_500, -1_500, 0, 1, 1, START, START];
        const first = times.map((micro, n) => at(n, micro));
        await store().batchCreateLogs({ records: first });
        const sign = direction === 'ASC' ? 1 : -1;
        const expected = [...first].sort(
          (a, b) => sign * (a.timeUnixMicro - b.timeUnixMicro || (a.id < b.id ? -1 : 1)),
        );
        const seen: LogEvent[] = [];
        let after: string | undefined;
        for (let page = 0; page < 5; page++) {
          const listed = await store().listLogs({
            ...(text && { filters: { search: text } }),
            orderBy: { direction },
            pagination: { perPage: 2, ...(after && { after }) },
          });
          expect(listed.pagination).to.deep.include({ total: 9 + page, page: 0, hasMore: page < 4 });
          seen.push(...listed.logs);
          after = listed.pagination.nextCursor;
          // It comes before what was shown, so that an offset would show an event twice.
          await store().batchCreateLogs({ records: [at(100 + page, -sign * 9e15)] });
        }
        expect(after).to.equal(undefined);
        expect(seen).to.deep.equal(expected);
      });

  it('refuse a cursor that is none, or of another order', async () => {
    await store().batchCreateLogs({ records: [log(1), log(2)] });
    const { nextCursor } = (await store().listLogs({ pagination: { perPage: 1 } })).pagination;
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const bad = [
      'x',
      '',
      'AAAA',
      encoded(null),
      encoded([1]),
      encoded(['1', 'a', 'timestamp', 'DESC']),
      encoded({}),
    ];
    for (const [after, direction] of [
      ...bad.map((text) => [text, 'DESC'] as const),
      [nextCursor!, 'ASC'] as const,
    ]) {
      const refused = await store()
        .listLogs({ pagination: { after }, orderBy: { direction } })
        .catch((error) => error);
      expect(refused, after).to.have.property('code', 'OBS_STORE_QUERY');
      expect(refused.message).to.match(/pagination\.after/);
    }
  });

  it('find a text in messages and data, in upper or lower case, and never take it for a pattern', async () => {
    const texts = [
      '100% (sure) [a-z]+.*',
      'Straße ÄÖ 漢字',
      'a\\b "quoted"\nnext',
      'x\u0000y',
      '_-^$|?{2}',
      '\\d',
    ];
    const logs = texts.flatMap((text, n) => [
      log(2 * n, { record: { level: 'info', message: `before ${text} behind` } }),
      log(2 * n + 1, { record: { level: 'info', message: 'm', data: { deep: [{ text: `b ${text} b` }] } } }),
    ]);
    await store().batchCreateLogs({
      records: [...logs, log(90), log(91, { record: { level: 'info', message: '' } })],
    });
    for (const [n, text] of texts.entries())
      for (const search of [text, text.toUpperCase().replace('STRASSE', 'STRAßE'), text.toLowerCase()]) {
        const found = await store().listLogs({ filters: { search, level: 'info' } });
        if (text === '\\d' && search !== text) continue;
        expect(
          found.logs.map(({ id }) => id),
          search,
        ).to.deep.equal([2 * n + 1, 2 * n].map(eventId));
        expect(found.pagination.total).to.equal(2);
      }
    const inJson = await store().listLogs({ filters: { search: '"DEEP":[{"text"' } });
    expect(inJson.pagination.total).to.equal(texts.length);
  });

  it('find a text in the label or reason of scores, and in the value or comment of feedback', async () => {
    await store().batchCreateScores({
      records: [
        score(0, { score: { scorerId: 's', label: 'Correct' } }),
        score(1, { score: { scorerId: 's', score: 1, reason: 'it is correct' } }),
        score(2, { score: { scorerId: 'correct', score: 1 } }),
      ],
    });
    await store().batchCreateFeedback({
      records: [
        feedback(0, { feedback: { feedbackType: 'f', value: 'Too slow' } }),
        feedback(1, { feedback: { feedbackType: 'f', value: 1, comment: 'slow but good' } }),
        feedback(2, { feedback: { feedbackType: 'slow', value: 1 } }),
      ],
    });
    const ids = (events: readonly { id: string }[]) => events.map(({ id }) => id);
    const { scores } = await store().listScores({ filters: { search: 'CORRECT' } });
    expect(ids(scores)).to.deep.equal([1, 0].map(eventId));
    const { feedback: opinions } = await store().listFeedback({ filters: { search: 'slow' } });
    expect(ids(opinions)).to.deep.equal([1, 0].map(eventId));
  });

  it('find feedback by who gave it, else by whom it belongs to', async () => {
    const value = { feedbackType: 'f', value: 1 };
    await store().batchCreateFeedback({
      records: [
        feedback(0, { feedback: { ...value, userId: 'ann' } }),
        feedback(1, { feedback: value, correlation: { userId: 'ann' } }),
        feedback(2, { feedback: { ...value, userId: 'ben' }, correlation: { userId: 'ann' } }),
      ],
    });
    const { feedback: found } = await store().listFeedback({ filters: { userId: 'ann' } });
    expect(found.map(({ id }) => id)).to.deep.equal([1, 0].map(eventId));
  });

  it('give a score by its id', async () => {
    const known = score(1, {
      traceId: traceId(1),
      score: { scorerId: 's', label: 'good', metadata: { a: [1] } },
    });
    await store().batchCreateScores({ records: [known, score(2)] });
    expect(await store().getScoreById({ scoreId: eventId(1) })).to.deep.equal(known);
    expect(await store().getScoreById({ scoreId: "' OR true --" })).to.equal(null);
  });
});
