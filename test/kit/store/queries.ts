import { AGGREGATIONS, type QueryArgs, type QueryName } from '../../../core/index.ts';
import type { Random } from '../random.ts';
import { type Seeds, SPREAD_MS, START_MICRO, WORDS } from './seeds.ts';

type AnyFilters = Record<string, unknown>;
type Choice = readonly [key: string, value: (random: Random) => unknown];

const word: Choice[1] = ({ one }) => one(WORDS);
const dateIn = ({ below }: Random) => new Date(START_MICRO / 1_000 + below(SPREAD_MS));
const range: Choice[1] = (random) => ({
  ...(random.chance(0.7) && { start: dateIn(random) }),
  ...(random.chance(0.7) && { end: dateIn(random) }),
  startExclusive: random.chance(0.5),
  endExclusive: random.chance(0.5),
});
const words = (...keys: readonly string[]): Choice[] => keys.map((key) => [key, word]);

const CORRELATION = words(
  ...['entityType', 'entityName', 'userId', 'resourceId'],
  ...['threadId', 'environment', 'serviceName', 'source'],
);
const OF_EVENTS: Choice[] = [
  ...CORRELATION,
  ['timestamp', range],
  ['traceId', ({ one }) => one(WORDS).repeat(32)],
  ['spanId', ({ one }) => one(WORDS).repeat(16)],
];
const OF_METRICS: Choice[] = [
  ...OF_EVENTS,
  ['name', ({ one }) => one(['tokens', 'latency', 'unknown'])],
  ['metricType', ({ one }) => one(['counter', 'gauge'])],
  ['labels', ({ one }) => ({ model: one(WORDS) })],
];
const SEARCH: Choice = ['search', ({ one }) => one([...WORDS, 'LINE A', '"b" QUOTED', 'of many', 'nowhere'])];

/** The filters that each list has. */
export const FILTERS = {
  listTraces: [
    ...CORRELATION,
    ...words('name'),
    ['type', ({ one }) => one(['agent_run', 'unknown'])],
    ['status', ({ one }) => one(['running', 'ok', 'error'])],
    ['startedAt', range],
    ['endedAt', range],
    ['tags', ({ chance }) => WORDS.filter(() => chance(0.4))],
    [
      'metadata',
      ({ one, below }) => one([{ tier: one(WORDS) }, { level: below(3) }, { isNew: true }, { none: null }]),
    ],
    ['hasChildError', ({ chance }) => chance(0.5)],
    ['traceIdPrefix', ({ one }) => one(['0', '01', 'f'])],
    SEARCH,
  ],
  listThreads: [
    ...words('threadId', 'userId', 'resourceId', 'environment', 'serviceName'),
    ['startedAt', range],
  ],
  listMetrics: OF_METRICS,
  listLogs: [...OF_EVENTS, ['level', ({ one }) => one(['info', ['warn', 'error'], []])], SEARCH],
  listScores: [...OF_EVENTS, ...words('scorerId'), SEARCH],
  listFeedback: [...OF_EVENTS, ...words('feedbackType'), SEARCH],
} as const satisfies Partial<Record<QueryName, readonly Choice[]>>;

/** A list: a query with filters, pages and an order. */
export type ListName = keyof typeof FILTERS;

const ORDERS: Record<ListName, readonly string[]> = {
  listTraces: ['startedAt', 'endedAt'],
  listThreads: ['lastAt'],
  listMetrics: ['timestamp'],
  listLogs: ['timestamp'],
  listScores: ['timestamp'],
  listFeedback: ['timestamp'],
};

/** So many ways to ask for a page of a list: each filter by itself, then several. */
export function listQueries(list: ListName, { random, spans }: Seeds): QueryArgs<ListName>[] {
  const choices: readonly Choice[] = FILTERS[list];
  const given = (choice: Choice): AnyFilters => ({ [choice[0]]: choice[1](random) });
  const some = (): AnyFilters => Object.assign({}, ...[0, 1].map(() => given(random.one(choices))));
  const byId = list === 'listTraces' ? [{ traceId: random.one(spans).traceId }] : [];
  const filters = [undefined, {}, ...choices.map(given), ...byId, ...Array.from({ length: 12 }, some)];
  return filters.map((filters) => ({
    ...(filters && { filters }),
    pagination: { page: random.below(3), perPage: random.one([1, 4, 100]) },
    orderBy: { field: random.one(ORDERS[list]), direction: random.one(['ASC', 'DESC']) },
  })) as QueryArgs<ListName>[];
}

/** What values can be grouped by, by the noun of the queries. */
const BY = {
  Metric: ['name', 'metricType', 'model', 'labels.name', 'environment', 'traceId'],
  Score: ['scorerId', 'label', 'source', 'environment', 'traceId'],
  Feedback: ['feedbackType', 'userId', 'source', 'value', 'environment'],
} as const;
const LISTS = { Metric: 'listMetrics', Score: 'listScores', Feedback: 'listFeedback' } as const;

export type Noun = keyof typeof BY;
export const KINDS = ['Aggregate', 'Breakdown', 'TimeSeries', 'Percentiles'] as const;
export type Kind = (typeof KINDS)[number];

/** Ways to ask for the values of a signal: every aggregation with and without filters, groups and intervals. */
export function valueQueries(noun: Noun, kind: Kind, { random }: Seeds): object[] {
  const choices: readonly Choice[] = FILTERS[LISTS[noun]].filter(([key]) => key !== 'search');
  return AGGREGATIONS.flatMap((aggregation) =>
    [0, 1].map((round) => {
      const [key, value] = random.one(choices);
      const by = [random.one(BY[noun]), random.one(BY[noun])].slice(0, 1 + random.below(2));
      const some = { ...(round === 1 && { filters: { [key]: value(random) } }) };
      const interval = random.one(['5s', '1m', '1h', '1d']);
      const limit = random.one([2, 20]);
      if (kind === 'Aggregate') return { ...some, aggregation, ...(round === 0 && compared(random)) };
      if (kind === 'Breakdown') return { ...some, aggregation, by, limit };
      if (kind === 'TimeSeries') return { ...some, aggregation, interval, limit, ...(round === 1 && { by }) };
      const percentiles = [0, 0.25, 0.5, 0.9, 1];
      return {
        ...some,
        percentiles,
        limit,
        ...(random.chance(0.5) && { interval }),
        ...(random.chance(0.7) && { by }),
      };
    }),
  );
}

function compared(random: Random) {
  const start = dateIn(random);
  const timestamp = { start, end: new Date(start.getTime() + 10_000), endExclusive: random.chance(0.5) };
  return { filters: { timestamp }, compareWithPrevious: true };
}

/** Ways to ask for what there is. */
export const DISCOVERY = {
  getEntityTypes: [{}],
  getEntityNames: [{}, { entityType: 'a' }, { limit: 1 }],
  getServiceNames: [{}],
  getEnvironments: [{}, { within: { start: new Date(START_MICRO / 1_000 + SPREAD_MS / 2) } }],
  getTags: [{}, { entityType: 'b' }],
  getMetricNames: [{}, { prefix: 'tok' }, { prefix: 'TOK' }],
  getMetricLabelKeys: [{ name: 'tokens' }, { name: 'unknown' }],
  getMetricLabelValues: [
    { name: 'tokens', key: 'model' },
    { name: 'tokens', key: 'model', prefix: 'b' },
    { name: 'tokens', key: 'none' },
  ],
} as const satisfies { [Q in QueryName]?: readonly QueryArgs<Q>[] };
