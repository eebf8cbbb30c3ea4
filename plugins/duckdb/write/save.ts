import type { DuckDBConnection } from '@duckdb/node-api';
import type { Signal } from '../../../core/index.ts';
import { append } from '../file/append.ts';
import {
  EVENT_TABLES,
  FEEDBACK,
  LOGS,
  METRIC_SERIES,
  METRICS,
  SCORES,
  SPANS,
  type Table,
} from '../file/columns.ts';
import { SPAN_CHANGES } from '../file/schema.ts';
import type { Committed } from './committed.ts';
import type { Batch } from './encode.ts';
import { saveEvents } from './events.ts';
import { RecentIds, timePrefix, WINDOW_MS } from './recent-ids.ts';
import { newSeries } from './series.ts';
import { saveSpans } from './spans.ts';

/** Series that are known to be stored. */
const MAX_KNOWN_SERIES = 100_000;

const TABLE_OF = { metrics: METRICS, logs: LOGS, scores: SCORES, feedback: FEEDBACK } satisfies Record<
  Exclude<Signal, 'tracing'>,
  Table
>;

/** What the writer knows of the file without looking: most of what it writes is new, and known to be. */
export class Memory {
  readonly spans: RecentIds;
  readonly events: RecentIds;
  readonly series = new Set<number>();

  private constructor(startMs: number) {
    this.spans = new RecentIds(startMs);
    this.events = new RecentIds(startMs);
  }

  /** Begins behind everything that is stored, also where that was stored by a clock which is ahead. */
  static async of(connection: DuckDBConnection): Promise<Memory> {
    const nowMs = Date.now();
    const tables = [
      [SPANS.name, 'trace_id'],
      [SPAN_CHANGES, 'trace_id'],
      ...EVENT_TABLES.map(({ name }) => [name, 'id']),
    ];
    const newest = tables.map(
      ([name, id]) => `SELECT max(${id}) AS id FROM ${name} WHERE ${id} BETWEEN $1 AND $2`,
    );
    const found = await connection.runAndReadAll(`SELECT max(id) FROM (${newest.join(' UNION ALL ')})`, [
      timePrefix(nowMs),
      timePrefix(nowMs + WINDOW_MS + 1),
    ]);
    const id = found.getRows()[0]?.[0];
    return new Memory(typeof id === 'string' ? Number(`0x${id.slice(0, 12)}`) + 1 : nowMs);
  }
}

/** Writes a batch inside the transaction of the connection. What it wrote is remembered once {@link remember} is called. */
export async function save(connection: DuckDBConnection, batch: Batch, memory: Memory): Promise<Saved> {
  const spans = await saveSpans(connection, batch.spans, memory.spans);
  const series = await newSeries(connection, batch.series, (id) => memory.series.has(id));
  await append(connection, METRIC_SERIES, [...series.values()]);
  const events: { signal: Exclude<Signal, 'tracing'>; id: string }[] = [];
  for (const [signal, table] of Object.entries(TABLE_OF) as [keyof typeof TABLE_OF, Table][]) {
    const ids = await saveEvents(connection, table, batch[signal], memory.events);
    for (const id of ids) events.push({ signal, id });
  }
  return { spans, events, deleted: [], series: [...batch.series.keys()] };
}

/** What was saved, and the series that are stored now. */
export interface Saved extends Committed {
  series: readonly number[];
}

/** Keeps in mind what a transaction wrote; called after its commit. */
export function remember(memory: Memory, { spans, events, series }: Saved): void {
  for (const { traceId, key } of spans) memory.spans.add(traceId, key);
  for (const { id } of events) memory.events.add(id, id);
  if (memory.series.size > MAX_KNOWN_SERIES) memory.series.clear();
  for (const seriesId of series) memory.series.add(seriesId);
}
