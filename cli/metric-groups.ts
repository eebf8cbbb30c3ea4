import type { Aggregation, GroupKey, MetricType, ObservabilityStorage } from '../core/index.ts';
import type { EventFilters } from './event-filters.ts';

/** How a metric is to be read. */
export interface MetricQuestion {
  by?: string[];
  /** Default: what makes a trend of {@link TREND_STEPS} steps at most. */
  interval?: string;
  /** Default: what the type of the metric suggests. */
  aggregation?: Aggregation;
  /** Between 0 and 1; default: those of a histogram, none of another. */
  percentiles?: number[];
  /** Groups. */
  limit: number;
}

/** The observations of a metric that have the same values of `by`. */
export interface MetricGroup {
  by: GroupKey;
  aggregation: Aggregation;
  value: number | null;
  count: number;
  /** By percentile, such as `p99`. */
  percentiles?: Record<string, number | null>;
  interval: string;
  points: { time: Date; value: number | null }[];
}

/** A metric, group by group. */
export interface ReadMetric {
  aggregation: Aggregation;
  interval: string;
  /** From the first to the last observation; both ends lie in it. */
  from: Date;
  to: Date;
  groups: MetricGroup[];
  /** All groups, also those beyond the limit. */
  total: number;
}

/** A trend has at most this many steps. */
export const TREND_STEPS = 40;

const WAY_OF: Record<MetricType, Aggregation> = { counter: 'sum', gauge: 'last', histogram: 'avg' };

/** Reads one metric: value, percentiles and trend of each group, those with the highest value first. */
export async function readMetric(
  store: ObservabilityStorage,
  filters: EventFilters['metrics'] & { name: string },
  question: MetricQuestion,
): Promise<ReadMetric> {
  const { limit } = question;
  const by = ['name', ...(question.by ?? [])];
  const { metricType, from, to } = await endsOf(store, filters);
  const aggregation = question.aggregation ?? WAY_OF[metricType];
  const interval = question.interval ?? intervalFor(to.getTime() - from.getTime());
  const wanted = question.percentiles ?? (metricType === 'histogram' ? [0.5, 0.9, 0.99] : []);
  const found = await store.getMetricBreakdown({ filters, aggregation, by, limit });
  const trend = await store.getMetricTimeSeries({ filters, aggregation, interval, by, limit });
  const points = new Map(trend.series.map((series) => [keyOf(series.key), series.points]));
  const shares = wanted.length === 0 ? undefined : await percentilesOf(store, filters, by, wanted, limit);
  const groups = found.groups.map(({ key, value, count }): MetricGroup => {
    const { name: _, ...labels } = key;
    const values = shares?.get(keyOf(key));
    return {
      by: labels,
      aggregation,
      value,
      count,
      ...(values && { percentiles: values }),
      interval,
      points: points.get(keyOf(key)) ?? [],
    };
  });
  return { aggregation, interval, from, to, groups, total: found.total };
}

/** The type of a metric, and when it was observed first and last. */
async function endsOf(
  store: ObservabilityStorage,
  filters: EventFilters['metrics'],
): Promise<{ metricType: MetricType; from: Date; to: Date }> {
  const one = async (direction: 'ASC' | 'DESC') => {
    const page = await store.listMetrics({ filters, pagination: { perPage: 1 }, orderBy: { direction } });
    return page.metrics[0];
  };
  const [first, last] = [await one('ASC'), await one('DESC')];
  return {
    metricType: last?.metricType ?? 'gauge',
    from: first?.timestamp ?? new Date(0),
    to: last?.timestamp ?? new Date(0),
  };
}

async function percentilesOf(
  store: ObservabilityStorage,
  filters: EventFilters['metrics'],
  by: string[],
  percentiles: number[],
  limit: number,
): Promise<Map<string, Record<string, number | null>>> {
  const { series } = await store.getMetricPercentiles({ filters, percentiles, by, limit });
  return new Map(
    series.map(({ key, points }) => {
      const named = percentiles.map((share, index) => [
        percentileName(share),
        points[0]?.values[index] ?? null,
      ]);
      return [keyOf(key), Object.fromEntries(named)];
    }),
  );
}

/** `p50`, `p99`, `p99.9`. */
function percentileName(share: number): string {
  return `p${Number((share * 100).toFixed(4))}`;
}

function keyOf(key: GroupKey): string {
  return JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const STEPS = [
  ...['1s', '5s', '10s', '30s'],
  ...['1m', '5m', '10m', '30m'],
  ...['1h', '3h', '6h', '12h'],
  ...['1d', '7d', '30d'],
];
const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of an interval such as `5m`. */
export function intervalMs(interval: string): number {
  return Number(interval.slice(0, -1)) * UNIT_MS[interval.at(-1)!]!;
}

/** The shortest usual interval of which no more than {@link TREND_STEPS} cover the time. */
export function intervalFor(ms: number): string {
  return STEPS.find((step) => ms / intervalMs(step) < TREND_STEPS - 1) ?? '365d';
}
