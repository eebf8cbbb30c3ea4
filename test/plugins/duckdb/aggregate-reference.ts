import {
  type Aggregation,
  CORRELATION_KEYS,
  type Correlation,
  type FeedbackEvent,
  type GroupKey,
  type MetricEvent,
  type ScoreEvent,
} from '../../../core/index.ts';
import { isWithin } from './trace-reference.ts';

/** What aggregates are made of. */
export type Measured = MetricEvent | ScoreEvent | FeedbackEvent;

/** The arguments that the four queries have between them. */
export interface Query {
  filters?: Record<string, unknown> & { timestamp?: Parameters<typeof isWithin>[1] };
  aggregation: Aggregation;
  by: string[];
  limit: number;
  interval: string;
  percentiles: number[];
}

/** The value of an event, whatever it is; undefined for none. */
function anyValue(event: Measured): number | string | undefined {
  if (event.type === 'metric') return event.value;
  return event.type === 'score' ? (event.score.score ?? event.score.label) : event.feedback.value;
}

function numberOf(event: Measured): number | undefined {
  const value = event.type === 'score' ? event.score.score : anyValue(event);
  return typeof value === 'number' ? value : undefined;
}

/** What an event is grouped by. */
function keyOf(event: Measured, name: string): string | null {
  const correlation = event.correlation?.[name as keyof Correlation];
  if (name === 'traceId') return event.traceId ?? null;
  if (event.type === 'metric') {
    if (name === 'name' || name === 'metricType') return event[name];
    if ((CORRELATION_KEYS as readonly string[]).includes(name)) return correlation ?? null;
    return event.labels[name.replace(/^labels\./, '')] ?? null;
  }
  const own = (event.type === 'score' ? event.score : event.feedback) as unknown as Record<string, unknown>;
  if (own[name] !== undefined) return String(own[name]);
  return name === 'source' ? null : (correlation ?? null);
}

function matches(event: Measured, filters: NonNullable<Query['filters']> = {}): boolean {
  const { timestamp, labels, search, ...equal } = filters;
  if (timestamp && !isWithin(event.timestamp, timestamp)) return false;
  if (labels && event.type === 'metric')
    for (const [key, value] of Object.entries(labels)) if (event.labels[key] !== value) return false;
  return Object.entries(equal).every(([name, value]) =>
    name === 'source' ? event.correlation?.source === value : keyOf(event, name) === value,
  );
}

const AGGREGATE: Record<Aggregation, (numbers: number[], events: readonly Measured[]) => number | null> = {
  sum: (numbers) => total(numbers),
  avg: (numbers) => (numbers.length === 0 ? null : total(numbers) / numbers.length),
  min: (numbers) => (numbers.length === 0 ? null : Math.min(...numbers)),
  max: (numbers) => (numbers.length === 0 ? null : Math.max(...numbers)),
  last: (numbers) => numbers.at(-1) ?? null,
  count: (_, events) => events.length,
  distinct: (_, events) => new Set(events.map(anyValue).filter((value) => value !== undefined)).size,
};

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function aggregate(events: readonly Measured[], aggregation: Aggregation): number | null {
  return AGGREGATE[aggregation](numbersOf(events), events);
}

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

interface Group {
  key: GroupKey;
  events: Measured[];
}

/** The groups of events, those with most records first. */
function groupsOf(events: readonly Measured[], by: readonly string[]): Group[] {
  const groups = new Map<string, Group>();
  for (const event of events) {
    const key = Object.fromEntries(by.map((name) => [name, keyOf(event, name)]));
    const id = JSON.stringify(key);
    groups.set(id, { key, events: [...(groups.get(id)?.events ?? []), event] });
  }
  return [...groups.values()].sort((a, b) => b.events.length - a.events.length || byKey(a.key, b.key));
}

/** By the values in their order; what is missing comes last. */
function byKey(a: GroupKey, b: GroupKey): number {
  for (const name of Object.keys(a)) {
    const [one, other] = [a[name] ?? null, b[name] ?? null];
    if (one === other) continue;
    if (one === null || other === null) return one === null ? 1 : -1;
    return one < other ? -1 : 1;
  }
  return 0;
}

const UNIT_MICROS = { s: 1e6, m: 6e7, h: 3.6e9, d: 8.64e10 } as const;

function intervals(events: readonly Measured[], interval: string): { time: Date; events: Measured[] }[] {
  const width = Number(interval.slice(0, -1)) * UNIT_MICROS[interval.at(-1) as 's'];
  const found = new Map<number, Measured[]>();
  for (const event of events) {
    const begin = Math.floor(event.timeUnixMicro / width) * width;
    found.set(begin, [...(found.get(begin) ?? []), event]);
  }
  const inOrder = [...found].sort(([a], [b]) => a - b);
  return inOrder.map(([begin, events]) => ({ time: new Date(begin / 1000), events }));
}

/** What each of the four queries answers, by the plainest means. */
export const reference = {
  Aggregate: (all: readonly Measured[], { filters, aggregation }: Query) => ({
    value: aggregate(
      all.filter((event) => matches(event, filters)),
      aggregation,
    ),
  }),
  Breakdown(all: readonly Measured[], { filters, aggregation, by, limit }: Query) {
    const found = groupsOf(
      all.filter((event) => matches(event, filters)),
      by,
    );
    const groups = found.map(({ key, events }) => ({
      key,
      value: aggregate(events, aggregation),
      count: events.length,
    }));
    const height = ({ value }: { value: number | null }) => value ?? Number.NEGATIVE_INFINITY;
    groups.sort((a, b) => (height(a) === height(b) ? 0 : height(b) - height(a)));
    return { groups: groups.slice(0, limit), total: groups.length };
  },
  TimeSeries(all: readonly Measured[], { filters, aggregation, by, limit, interval }: Query) {
    const found = groupsOf(
      all.filter((event) => matches(event, filters)),
      by,
    );
    return {
      series: found.slice(0, limit).map(({ key, events }) => ({
        key,
        points: intervals(events, interval).map(({ time, events }) => ({
          time,
          value: aggregate(events, aggregation),
        })),
      })),
    };
  },
  Percentiles(all: readonly Measured[], query: Query & { isWhole?: boolean }) {
    const { filters, by, limit, interval, percentiles, isWhole } = query;
    const numbers = all.filter((event) => matches(event, filters) && numberOf(event) !== undefined);
    const oldest = new Date(Math.min(...numbers.map(({ timeUnixMicro }) => timeUnixMicro)) / 1000);
    const found = groupsOf(numbers, by).slice(0, limit);
    return {
      series: found.map(({ key, events }) => ({
        key,
        points: (isWhole ? [{ time: oldest, events }] : intervals(events, interval)).map(
          ({ time, events }) => ({
            time,
            values: percentiles.map((share) => quantile(numbersOf(events), share)),
            count: events.length,
          }),
        ),
      })),
    };
  },
};
