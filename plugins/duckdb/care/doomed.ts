import type { DuckDBConnection } from '@duckdb/node-api';
import type { Signal } from '../../../core/index.ts';
import { FEEDBACK, LOGS, METRICS, SCORES, SPANS, type Table } from '../file/columns.ts';
import { SPAN_CHANGES } from '../file/schema.ts';
import type { Retention } from '../options.ts';
import { at } from './moment.ts';
import { oldParts } from './old-traces.ts';
import { type TableSize, tableSizes } from './table-sizes.ts';

/**
 * Whole traces that go in one transaction: those up to a moment, and of that moment those up to an id. Of what is too
 * old it is known, unless it shall be foretold, how many rows are at most: they are counted when they are deleted.
 */
export interface DoomedTraces {
  traces?: number;
  /** Rows of their spans, with those of changes whose span has not come. */
  records: number;
  why: 'age' | 'size';
  /** When anything happened last in the last of them. */
  untilMicros: number;
  /** Absent where all of that moment go. */
  untilId?: string;
}

/** Events of one signal that go by their own time. */
export interface DoomedEvents {
  signal: EventSignal;
  records: number;
  why: 'age' | 'size';
  /** Up to this time, inclusive. */
  untilMicros: number;
}

/** All that a retention no longer wants. */
export interface Doomed {
  traces: DoomedTraces[];
  events: DoomedEvents[];
}

export type EventSignal = Exclude<Signal, 'tracing'>;
type Rule = NonNullable<Retention>[Signal];

export const EVENT_TABLE: Record<EventSignal, Table> = {
  metrics: METRICS,
  logs: LOGS,
  scores: SCORES,
  feedback: FEEDBACK,
};

/** Rows of spans that one transaction deletes trace by trace, in some 100 ms. */
const MAX_SPANS = 500_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** The last moment that is too old; undefined without a rule of age. */
export function oldestKept(rule: Rule, nowMs: number): number | undefined {
  return rule?.maxAgeDays === undefined ? undefined : Math.round((nowMs - rule.maxAgeDays * DAY_MS) * 1_000);
}

/**
 * Finds what is too old or too much, whole traces and single events, the oldest first. A trace is as old as what
 * happened last in it. `isExact` makes the numbers of traces and rows exact, which costs a look at all of them.
 */
export async function findDoomed(
  connection: DuckDBConnection,
  retention: NonNullable<Retention>,
  nowMs: number,
  isExact: boolean,
): Promise<Doomed> {
  const isSized = Object.values(retention).some((rule) => rule?.maxBytes !== undefined);
  const sizes = isSized ? await tableSizes(connection) : new Map<string, TableSize>();
  const { tracing } = retention;
  const beforeMicros = oldestKept(tracing, nowMs);
  const excess = excessOf(sizes.get(SPANS.name), tracing?.maxBytes);
  const find = isExact || excess > 0 ? findTraces : findOldTraces;
  const traces = await find(connection, beforeMicros, excess);
  const events: DoomedEvents[] = [];
  for (const signal of Object.keys(EVENT_TABLE) as EventSignal[]) {
    events.push(...(await findEvents(connection, signal, retention[signal], sizes, nowMs)));
  }
  return { traces, events };
}

/** Every span row with its trace and the time at which it was last active. */
const ACTIVITY = [SPANS.name, SPAN_CHANGES]
  .map((name) => `SELECT trace_id, epoch_us(coalesce(ended_at, started_at)) AS micros FROM ${name}`)
  .join(' UNION ALL ');

/** Traces with the time of what happened last; changes that have no time wait on. */
const TRACES = `
  SELECT trace_id, count(*) AS records, max(micros) AS last FROM (${ACTIVITY}) GROUP BY trace_id
  HAVING max(micros) IS NOT NULL`;

/** The oldest first, cut into parts of so many rows that writers do not wait for long. */
const OLD_TRACES = `
  SELECT last < $1 AS by_age, (upto - 1) // ${MAX_SPANS} AS part, count(*), sum(records)::BIGINT,
    max(last), arg_max(trace_id, upto)
  FROM (
    SELECT *, sum(records) OVER (ORDER BY last, trace_id ROWS UNBOUNDED PRECEDING)::BIGINT AS upto FROM (${TRACES}))
  WHERE last < $1 OR upto - records < $2
  GROUP BY by_age, part ORDER BY by_age DESC, part`;

/** The ids of traces of {@link DoomedTraces}, as they are now; what has become active again is not among them. */
export function idsSql({ untilMicros, untilId = '' }: DoomedTraces): string {
  const until = `(${untilMicros}::BIGINT, '${untilId.replaceAll("'", "''")}')`;
  return `SELECT trace_id FROM (${TRACES}) WHERE (last, trace_id) <= ${until}`;
}

async function findTraces(
  connection: DuckDBConnection,
  beforeMicros: number | undefined,
  excess: number,
): Promise<DoomedTraces[]> {
  if (beforeMicros === undefined && excess === 0) return [];
  const before = BigInt(beforeMicros ?? Number.MIN_SAFE_INTEGER);
  const found = await connection.runAndReadAll(OLD_TRACES, [before, BigInt(excess)]);
  return found.getRows().map(([byAge, , traces, records, untilMicros, untilId]) => ({
    traces: Number(traces),
    records: Number(records),
    why: byAge ? 'age' : 'size',
    untilMicros: Number(untilMicros),
    untilId: String(untilId),
  }));
}

async function findOldTraces(
  connection: DuckDBConnection,
  beforeMicros: number | undefined,
): Promise<DoomedTraces[]> {
  if (beforeMicros === undefined) return [];
  const parts = await oldParts(connection, beforeMicros);
  return parts.map((part) => ({ records: part.records, why: 'age', untilMicros: part.beforeMicros - 1 }));
}

/** How many records are too many for their bytes. */
function excessOf(size: TableSize | undefined, maxBytes: number | undefined): number {
  if (!size || maxBytes === undefined || size.bytes <= maxBytes) return 0;
  return size.records - Math.floor((size.records * maxBytes) / size.bytes);
}

async function findEvents(
  connection: DuckDBConnection,
  signal: EventSignal,
  rule: Rule,
  sizes: ReadonlyMap<string, TableSize>,
  nowMs: number,
): Promise<DoomedEvents[]> {
  const { name } = EVENT_TABLE[signal];
  const doomed: DoomedEvents[] = [];
  const untilMicros = oldestKept(rule, nowMs);
  let old = 0;
  if (untilMicros !== undefined) {
    old = await numberOf(connection, `SELECT count(*) FROM ${name} WHERE "timestamp" < ${at(untilMicros)}`);
    if (old > 0) doomed.push({ signal, records: old, why: 'age', untilMicros: untilMicros - 1 });
  }
  const excess = excessOf(sizes.get(name), rule?.maxBytes) - old;
  if (excess <= 0) return doomed;
  const newest = await numberOf(
    connection,
    `SELECT max(micros) FROM (
       SELECT epoch_us("timestamp") AS micros FROM ${name} ORDER BY micros LIMIT ${old + excess})`,
  );
  return [...doomed, { signal, records: excess, why: 'size', untilMicros: newest }];
}

async function numberOf(connection: DuckDBConnection, sql: string): Promise<number> {
  const found = await connection.runAndReadAll(sql);
  return Number(found.getRows()[0]?.[0] ?? 0);
}
