import { expect } from 'chai';
import fc from 'fast-check';
import { AGGREGATIONS, type Aggregation, type ObservabilityStorage } from '../../../core/index.ts';
import { MemoryStore } from '../../../plugins/memory/index.ts';
import { engineInMemory, storeInMemory } from './opened.ts';
import { eventId, feedback, metric, score, traceId } from './records.ts';

const HOUR = 3_600_000_000;
const words = fc.constantFrom('a', 'b', 'c');
const optional = { requiredKeys: [] as [], noNullPrototype: true } as const;
/** Before and after 1970. */
const micro = fc.integer({ min: -5 * HOUR, max: 5 * HOUR });
/** Sums of such numbers are exact in any order. */
const number = fc.integer({ min: -40, max: 40 }).map((quarters) => quarters / 4);
const correlation = fc.record({ environment: words, userId: words, source: words }, optional);
const frame = fc.record({ micro, correlation, trace: fc.option(fc.nat(2), { nil: undefined }) });

function placed(
  n: number,
  { micro, correlation, trace }: { micro: number; correlation: object; trace?: number },
) {
  const at = { id: eventId(n), timeUnixMicro: micro, timestamp: new Date(micro / 1000), correlation };
  return trace === undefined ? at : { ...at, traceId: traceId(trace) };
}

const many = { maxLength: 60, size: 'max' } as const;
const labels = fc.record({ model: words, environment: words, 'a.b/~"*': words, '': words }, optional);
const metrics = fc
  .array(
    fc.tuple(
      frame,
      fc.record({ name: words, metricType: fc.constantFrom('counter', 'gauge'), labels, value: number }),
    ),
    many,
  )
  .map((parts) => parts.map(([at, own], n) => metric(n, { ...placed(n, at as never), ...(own as object) })));
const ownScore = fc.record(
  {
    score: number,
    label: fc.constantFrom('1', 'good'),
    scorerName: words,
    scorerVersion: words,
    source: words,
  },
  optional,
);
const scores = fc
  .array(fc.tuple(frame, words, ownScore), many)
  .map((parts) =>
    parts.map(([at, scorerId, own], n) =>
      score(n, { ...placed(n, at as never), score: { scorerId, ...own } }),
    ),
  );
const ownFeedback = fc.record(
  { userId: words, source: words, value: fc.oneof(number, fc.constantFrom('1', 'good', '1e999', 'NaN', '')) },
  { requiredKeys: ['value'], noNullPrototype: true },
);
const opinions = fc
  .array(fc.tuple(frame, words, ownFeedback), many)
  .map((parts) =>
    parts.map(([at, feedbackType, own], n) =>
      feedback(n, { ...placed(n, at as never), feedback: { feedbackType, ...own } }),
    ),
  );

const timestamp = fc.record(
  {
    start: micro.map((at) => new Date(at / 1000)),
    end: micro.map((at) => new Date(at / 1000)),
    startExclusive: fc.boolean(),
    endExclusive: fc.boolean(),
  },
  optional,
);
const shared = { environment: words, userId: words, source: words, timestamp };

/** The arguments that the four queries have between them. */
interface Query {
  filters?: object;
  aggregation: Aggregation;
  by: string[];
  limit: number;
  interval: string;
  percentiles: number[];
}

function queries(own: Record<string, fc.Arbitrary<unknown>>, keys: readonly string[]) {
  const key = fc.constantFrom('environment', 'traceId', 'serviceName', ...keys);
  return fc.record({
    filters: fc.option(fc.record({ ...shared, ...own }, optional), { nil: undefined, freq: 2 }),
    aggregation: fc.constantFrom(...AGGREGATIONS),
    by: fc.array(key, { minLength: 1, maxLength: 3 }),
    limit: fc.constantFrom(1, 2, 20),
    interval: fc.constantFrom('30m', '1h', '7s', '90m', '2d', '7d'),
    percentiles: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
  }) as fc.Arbitrary<Query>;
}

const SIGNALS = [
  {
    noun: 'Metric',
    events: metrics,
    query: queries({ name: words, labels }, [
      'name',
      'metricType',
      'model',
      'labels.environment',
      'a.b/~"*',
      'labels.',
    ]),
    write: (store: ObservabilityStorage, records: never) => store.batchCreateMetrics({ records }),
  },
  {
    noun: 'Score',
    events: scores,
    query: queries({ scorerId: words }, [
      'scorerId',
      'scorerName',
      'scorerVersion',
      'label',
      'source',
      'userId',
    ]),
    write: (store: ObservabilityStorage, records: never) => store.batchCreateScores({ records }),
  },
  {
    noun: 'Feedback',
    events: opinions,
    query: queries({ feedbackType: words }, ['feedbackType', 'userId', 'source', 'value']),
    write: (store: ObservabilityStorage, records: never) => store.batchCreateFeedback({ records }),
  },
] as const;

function ask(store: ObservabilityStorage, name: string, args: object): Promise<unknown> {
  return (store as unknown as Record<string, (args: object) => Promise<unknown>>)[name]!(args);
}

/** Interpolated values may differ in the last bit. */
function rounded<T>(value: T): T {
  if (typeof value === 'number') return (Math.round(value * 1e9) / 1e9 + 0) as T;
  if (Array.isArray(value)) return value.map(rounded) as T;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)])) as T;
}

describe('aggregates of the DuckDB store', () => {
  const store = storeInMemory();

  for (const { noun, events, query, write } of SIGNALS) {
    it(`of ${noun.toLowerCase()} equal those of the store in memory for any events and any question`, async () => {
      const property = fc.asyncProperty(
        events,
        fc.array(query, { minLength: 4, maxLength: 4 }),
        async (all, asked) => {
          const reference = new MemoryStore();
          await store().dangerouslyClearAll();
          for (const each of [store(), reference]) await write(each, all as never);
          for (const query of asked) await compare(noun, query, reference);
        },
      );
      await fc.assert(property, { seed: 9, numRuns: 12 });
    });
  }

  it('compare with the period of the same length just before, whose end is not counted twice', async () => {
    const at = (ms: number, value: number) =>
      metric(ms + 100, { value, timestamp: new Date(ms), timeUnixMicro: ms * 1000 });
    await store().batchCreateMetrics({ records: [at(0, 1), at(9, 2), at(10, 4), at(19, 8), at(20, 16)] });
    const compare = (startExclusive: boolean, endExclusive: boolean, start = 10) =>
      store().getMetricAggregate({
        filters: {
          timestamp: { start: new Date(start), end: new Date(start + 10), startExclusive, endExclusive },
        },
        aggregation: 'sum',
        compareWithPrevious: true,
      });
    expect(await compare(false, true)).to.deep.equal({ value: 12, previous: 3, change: 3 });
    expect(await compare(false, false)).to.deep.equal({ value: 28, previous: 3, change: 25 / 3 });
    expect(await compare(true, false)).to.deep.equal({ value: 24, previous: 6, change: 3 });
    expect(await compare(false, true, 0)).to.deep.equal({ value: 3, previous: 0, change: null });
    const all = await store().getMetricAggregate({ aggregation: 'avg' });
    expect(all).to.deep.equal({ value: 31 / 5 });
  });

  it('compare with nothing where one of the periods has no value', async () => {
    await store().batchCreateScores({ records: [score(1)] });
    const timestamp = { start: new Date(0), end: new Date(1) };
    const empty = await store().getScoreAggregate({
      filters: { timestamp },
      aggregation: 'avg',
      compareWithPrevious: true,
    });
    expect(empty).to.deep.equal({ value: null, previous: null, change: null });
  });

  it('take the newest value where times are equal by the id, and skip words and numbers that are none', async () => {
    const same = { timestamp: new Date(5), timeUnixMicro: 5_000 };
    await store().batchCreateMetrics({ records: [1, 3, 2].map((n) => metric(n, { ...same, value: n })) });
    const broken = [Number.NaN, Number.POSITIVE_INFINITY].map((value, n) => metric(n + 10, { value }));
    await store().batchCreateMetrics({ records: broken });
    const last = await store().getMetricAggregate({ aggregation: 'last' });
    expect(last.value).to.equal(3);
    expect((await store().getMetricAggregate({ aggregation: 'max' })).value).to.equal(3);
    expect((await store().getMetricAggregate({ aggregation: 'count' })).value).to.equal(5);
  });

  it('count different values of feedback and scores apart, words too', async () => {
    const values = [1, 1, '1', 'good', 'good', 2];
    await store().batchCreateFeedback({
      records: values.map((value, n) => feedback(n, { feedback: { feedbackType: 'f', value } })),
    });
    expect((await store().getFeedbackAggregate({ aggregation: 'distinct' })).value).to.equal(4);
    expect((await store().getFeedbackAggregate({ aggregation: 'count' })).value).to.equal(6);
    expect((await store().getFeedbackAggregate({ aggregation: 'sum' })).value).to.equal(4);
  });

  it('take labels and values for what they are, never for SQL', async () => {
    const attacks = [
      "x' OR '1'='1",
      '"; DROP TABLE obs_logs; --',
      '$1',
      '*',
      '$.*',
      'a/~b',
      '\u0000',
      '__proto__',
    ];
    const records = attacks.map((text, n) =>
      metric(n, {
        name: text,
        labels: Object.fromEntries([
          [text, text],
          ['other', 'o'],
        ]),
      }),
    );
    await store().batchCreateMetrics({ records });
    for (const text of attacks) {
      const { groups } = await store().getMetricBreakdown({
        filters: { name: text, labels: { other: 'o' } },
        aggregation: 'count',
        by: [`labels.${text}`],
      });
      expect(groups).to.have.lengthOf(1);
      expect(Object.entries(groups[0]!.key), text).to.deep.equal([[`labels.${text}`, text]]);
      expect(groups[0]!.count).to.equal(1);
    }
  });

  it('name the key of a group that a signal does not have, and those that it has', async () => {
    const refused = await store()
      .getScoreBreakdown({ aggregation: 'avg', by: ['colour'] })
      .catch((error) => error);
    expect(refused).to.have.property('code', 'OBS_STORE_QUERY');
    expect(refused.message)
      .to.match(/"colour"/)
      .and.match(/environment.*scorerId.*traceId/);
  });

  it('refuse more points than can be shown', async () => {
    const { store: engine, database } = engineInMemory();
    await engine.init();
    try {
      await database.write((connection) =>
        connection.run(`
          INSERT INTO obs_metric_points BY NAME
          SELECT CAST(range AS VARCHAR) AS id, 1 AS series_id, 1 AS value, make_timestamp(range * 1000000) AS timestamp
          FROM range(100001)`),
      );
      const series = (interval: string) => engine.getMetricTimeSeries({ aggregation: 'sum', interval });
      expect((await series('2s')).series[0]?.points).to.have.lengthOf(50_001);
      const refused = await series('1s').catch((error) => error);
      expect(refused).to.have.property('code', 'OBS_STORE_QUERY');
      expect(refused.message).to.match(/100000 points/);
    } finally {
      await engine.close();
    }
  });

  async function compare(noun: string, query: Query, reference: ObservabilityStorage): Promise<void> {
    const { filters, aggregation, by, limit, interval, percentiles } = query;
    const asked: [kind: string, args: object][] = [
      ['Aggregate', { aggregation }],
      ['Breakdown', { aggregation, by, limit }],
      ['TimeSeries', { aggregation, by, limit, interval }],
      ['Percentiles', { by, limit, interval, percentiles }],
      ['Percentiles', { percentiles }],
    ];
    for (const [kind, own] of asked) {
      const args = filters ? { filters, ...own } : own;
      const name = `get${noun}${kind}`;
      const [found, expected] = [await ask(store(), name, args), await ask(reference, name, args)];
      expect(rounded(found), `${name} ${JSON.stringify(args)}`).to.deep.equal(rounded(expected));
    }
  }
});
