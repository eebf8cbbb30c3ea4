import type {
  AggregateResult,
  Aggregation,
  BreakdownResult,
  ParsedQuery,
  PercentilesResult,
  TimeSeriesResult,
} from '../../../core/index.ts';
import type { Tables } from './answer.ts';
import { type EventFilters, eventMatches } from './events.ts';
import type { TimeRange } from './matches.ts';
import { anyValueOf, groupsOf, type Measured, numberOf } from './measured.ts';

/** The arguments of a query, whatever signal it is about. */
type Query<Q extends 'Aggregate' | 'Breakdown' | 'TimeSeries' | 'Percentiles'> = Omit<
  ParsedQuery<`getMetric${Q}`>,
  'filters'
> & { filters?: { timestamp?: TimeRange | undefined } | undefined };

type Source = 'metrics' | 'scores' | 'feedback';
const TYPE = { metrics: 'metric', scores: 'score', feedback: 'feedback' } as const;

const AGGREGATE: Record<Aggregation, (numbers: number[], events: readonly Measured[]) => number | null> = {
  sum: (numbers) => total(numbers),
  avg: (numbers) => (numbers.length === 0 ? null : total(numbers) / numbers.length),
  min: (numbers) => (numbers.length === 0 ? null : numbers.reduce((a, b) => Math.min(a, b))),
  max: (numbers) => (numbers.length === 0 ? null : numbers.reduce((a, b) => Math.max(a, b))),
  last: (numbers) => numbers.at(-1) ?? null,
  count: (_, events) => events.length,
  distinct: (_, events) => new Set(events.map(anyValueOf).filter((value) => value !== undefined)).size,
};

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function aggregate(events: readonly Measured[], aggregation: Aggregation): number | null {
  return AGGREGATE[aggregation](numbersOf(events), events);
}

/** The numbers of events, by time. */
function numbersOf(events: readonly Measured[]): number[] {
  const inOrder = [...events].sort((a, b) => a.timeUnixMicro - b.timeUnixMicro || (a.id < b.id ? -1 : 1));
  return inOrder.map(numberOf).filter((value) => value !== undefined);
}

/** Interpolated between the two neighbours of its place. */
function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
}

const UNIT_MICROS = { s: 1e6, m: 6e7, h: 3.6e9, d: 8.64e10 } as const;

/** The events of each interval that has any, by time. */
function intervalsOf(events: readonly Measured[], interval: string): { time: Date; events: Measured[] }[] {
  const width = Number(interval.slice(0, -1)) * UNIT_MICROS[interval.at(-1) as keyof typeof UNIT_MICROS];
  const found = new Map<number, Measured[]>();
  for (const event of events) {
    const begin = Math.floor(event.timeUnixMicro / width) * width;
    found.set(begin, [...(found.get(begin) ?? []), event]);
  }
  const inOrder = [...found].sort(([a], [b]) => a - b);
  return inOrder.map(([begin, events]) => ({ time: new Date(begin / 1000), events }));
}

/** The four kinds of queries about the values of one signal. */
function answersOf<S extends Source>(source: S) {
  const find = (tables: Tables, filters: unknown): Measured[] =>
    (tables[source].all() as Measured[]).filter((event) =>
      eventMatches[source](event as never, filters as EventFilters<S> as never),
    );
  const groups = (events: readonly Measured[], by: readonly string[]) =>
    groupsOf(TYPE[source], events, [...new Set(by)]);
  return {
    Aggregate(tables: Tables, query: Query<'Aggregate'>): AggregateResult {
      const { filters, aggregation, compareWithPrevious } = query;
      const value = aggregate(find(tables, filters), aggregation);
      if (!compareWithPrevious || !filters?.timestamp) return { value };
      const before = { ...filters, timestamp: periodBefore(filters.timestamp) };
      const previous = aggregate(find(tables, before), aggregation);
      return { value, previous, change: changeOf(value, previous) };
    },
    Breakdown(tables: Tables, { filters, aggregation, by, limit }: Query<'Breakdown'>): BreakdownResult {
      const found = groups(find(tables, filters), by).map(({ key, events }) => ({
        key,
        value: aggregate(events, aggregation),
        count: events.length,
      }));
      const height = ({ value }: { value: number | null }) => value ?? Number.NEGATIVE_INFINITY;
      // Groups of the same height stay in the order that they are in.
      found.sort((a, b) => (height(a) === height(b) ? 0 : height(b) - height(a)));
      return { groups: found.slice(0, limit), total: found.length };
    },
    TimeSeries(tables: Tables, query: Query<'TimeSeries'>): TimeSeriesResult {
      const { filters, aggregation, interval, by, limit } = query;
      const found = groups(find(tables, filters), by).slice(0, limit);
      const point = ({ time, events }: { time: Date; events: Measured[] }) => ({
        time,
        value: aggregate(events, aggregation),
      });
      return {
        series: found.map(({ key, events }) => ({ key, points: intervalsOf(events, interval).map(point) })),
      };
    },
    Percentiles(tables: Tables, query: Query<'Percentiles'>): PercentilesResult {
      const { filters, percentiles, interval, by, limit } = query;
      const numbers = find(tables, filters).filter((event) => numberOf(event) !== undefined);
      const oldest = numbers.reduce((least, { timeUnixMicro }) => Math.min(least, timeUnixMicro), Infinity);
      const point = ({ time, events }: { time: Date; events: Measured[] }) => ({
        time,
        values: percentiles.map((share) => quantile(numbersOf(events), share)),
        count: events.length,
      });
      const parts = (events: Measured[]) =>
        interval === undefined ? [{ time: new Date(oldest / 1000), events }] : intervalsOf(events, interval);
      const found = groups(numbers, by).slice(0, limit);
      return { series: found.map(({ key, events }) => ({ key, points: parts(events).map(point) })) };
    },
  };
}

/** As long as the period, and its end is where the period begins: nothing is counted twice or left out. */
function periodBefore({ start, end, startExclusive = false }: TimeRange): TimeRange {
  const startMs = start!.getTime();
  const before = new Date(startMs - (end!.getTime() - startMs));
  return { start: before, startExclusive, end: start, endExclusive: !startExclusive };
}

function changeOf(value: number | null, previous: number | null): number | null {
  if (value === null || previous === null || previous === 0) return null;
  return (value - previous) / Math.abs(previous);
}

type Answers = ReturnType<typeof answersOf>;
const of = <N extends string>(noun: N, answers: Answers) =>
  Object.fromEntries(Object.entries(answers).map(([name, answer]) => [`get${noun}${name}`, answer])) as {
    [K in keyof Answers as `get${N}${K}`]: Answers[K];
  };

/** The queries that count and sum. */
export const aggregateAnswers = {
  ...of('Metric', answersOf('metrics')),
  ...of('Score', answersOf('scores')),
  ...of('Feedback', answersOf('feedback')),
};
