import * as z from 'zod';
import { text } from './arguments.ts';
import { eventFilters, OWN_FILTERS } from './events.ts';

/**
 * How many values become one. `last` is the newest. `count` counts records; `distinct` counts different values, words
 * of scores and feedback too; the others see numbers only.
 */
export const AGGREGATIONS = ['sum', 'avg', 'min', 'max', 'count', 'last', 'distinct'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** One value over everything that matches; null when nothing does, apart from `count`, `distinct` and `sum`: 0. */
export interface AggregateResult {
  value: number | null;
  /** With `compareWithPrevious`: the value of the period of the same length just before `timestamp.start`. */
  previous?: number | null;
  /** (value - previous) / |previous|; null where that has no meaning. */
  change?: number | null;
}

/** The values that the records of a group have in common, by the keys of `by`; null where a record has none. */
export type GroupKey = Record<string, string | null>;

/** One value for each group, the highest first; `limit` leaves out the lowest. */
export interface BreakdownResult {
  groups: { key: GroupKey; value: number | null; count: number }[];
  /** All groups, also those beyond `limit`. */
  total: number;
}

/** Values over time, a series for each group. An interval without records has no point. */
export interface TimeSeriesResult {
  series: { key: GroupKey; points: { time: Date; value: number | null }[] }[];
}

/**
 * Exact percentiles of numbers, in the order of the request; without an interval one point, at the time of the oldest
 * of them all.
 */
export interface PercentilesResult {
  series: { key: GroupKey; points: { time: Date; values: number[]; count: number }[] }[];
}

/** `30s`, `5m`, `1h`, `1d`; intervals begin at multiples of their length since the Unix epoch, in UTC. */
const interval = () => z.string().regex(/^[1-9]\d{0,5}(s|m|h|d)$/, 'a number and s, m, h or d, such as 5m');

/**
 * What records are grouped by: `environment`, `serviceName` and the other correlation keys; `traceId`; of metrics
 * `name`, `metricType`, and any other key is a label (`labels.x` is the label x even where x is one of those names);
 * of scores `scorerId`, `scorerName`, `scorerVersion`, `label`, `source`; of feedback `feedbackType`, `userId`,
 * `source`, `value`.
 */
const by = () => z.array(text()).max(5);

const limit = () => z.int().min(1).max(1_000).default(20);
const percentiles = () => z.array(z.number().min(0).max(1)).min(1).max(20).default([0.5, 0.9, 0.99]);
const aggregation = () => z.enum(AGGREGATIONS);

function aggregatesOf<N extends string, F extends z.ZodRawShape>(noun: N, own: () => F) {
  const filters = () => z.strictObject({ ...eventFilters(), ...own() }).optional();
  const queries = {
    Aggregate: () =>
      z
        .strictObject({
          filters: filters(),
          aggregation: aggregation(),
          compareWithPrevious: z.boolean().default(false),
        })
        .refine(
          (query) => !query.compareWithPrevious || hasBothEnds((query.filters as TimeFilters)?.timestamp),
          'compareWithPrevious needs filters.timestamp with a start and an end',
        ),
    Breakdown: () =>
      z.strictObject({ filters: filters(), aggregation: aggregation(), by: by().min(1), limit: limit() }),
    TimeSeries: () =>
      z.strictObject({
        filters: filters(),
        aggregation: aggregation(),
        interval: interval(),
        by: by().default([]),
        limit: limit(),
      }),
    Percentiles: () =>
      z.strictObject({
        filters: filters(),
        percentiles: percentiles(),
        interval: interval().optional(),
        by: by().default([]),
        limit: limit(),
      }),
  };
  return Object.fromEntries(Object.entries(queries).map(([name, make]) => [`get${noun}${name}`, make])) as {
    [K in keyof typeof queries as `get${N}${K}`]: (typeof queries)[K];
  };
}

type TimeFilters = { timestamp?: { start?: Date; end?: Date } } | undefined;

function hasBothEnds(range: { start?: Date; end?: Date } | undefined): boolean {
  return range?.start !== undefined && range.end !== undefined;
}

/**
 * The arguments of the queries that count and sum. `limit` is a number of groups: in a breakdown those with the highest
 * values, over time those with most records.
 */
export const AGGREGATE_QUERIES = {
  ...aggregatesOf('Metric', OWN_FILTERS.metrics),
  ...aggregatesOf('Score', OWN_FILTERS.scores),
  ...aggregatesOf('Feedback', OWN_FILTERS.feedback),
} as const;
