import type { DuckDBConnection, DuckDBTimestampValue, DuckDBValue } from '@duckdb/node-api';
import type { AnyExportedSpan, ParsedQuery, Trace } from '../../../core/index.ts';
import { SPANS } from '../file/columns.ts';
import { fromRow, fromValues, type Row } from '../file/rows.ts';
import type { ReadContext } from './context.ts';
import { columnsSql, rowsOf } from './rows-of.ts';

/** The order of the spans of a trace: by start; of those that start together the longer comes first, as a parent does. */
export const SPAN_ORDER = 's.started_at, s.ended_at DESC NULLS FIRST, s.span_id';

/** The columns of spans called `s`, as {@link spanOf} takes them. */
export const SPAN_COLUMNS = columnsSql(SPANS);

/** A span of a row that begins with the columns of {@link SPANS}. */
export function spanOf(values: readonly DuckDBValue[]): AnyExportedSpan {
  return fromRow<AnyExportedSpan>(SPANS, fromValues(SPANS, values));
}

/** Where a span lies, and its start, by which DuckDB skips most of what lies elsewhere. */
export interface SpanPlace {
  rowId: bigint;
  startedAt: DuckDBTimestampValue;
}

/** The spans at these places, in the same order; all must be there. */
export async function spansAt(
  connection: DuckDBConnection,
  places: readonly SpanPlace[],
): Promise<AnyExportedSpan[]> {
  return (await rowsAt(connection, places)).map((row) => fromRow<AnyExportedSpan>(SPANS, row));
}

/** The same as rows. `areMarked` says that all are marked as roots: what is not is then hardly unpacked. */
export async function rowsAt(
  connection: DuckDBConnection,
  places: readonly SpanPlace[],
  areMarked = false,
): Promise<Row[]> {
  if (places.length === 0) return [];
  const [first, last] = ends(places.map(({ startedAt }) => startedAt.micros));
  // As a join with a list: DuckDB skips what lies before, behind and between. A condition on each row it would ask last.
  const sql = `
    SELECT ${SPAN_COLUMNS}, s.rowid
    FROM obs_spans s JOIN (SELECT unnest([${places.map(({ rowId }) => rowId).join(', ')}]) AS row_id) ON s.rowid = row_id
    WHERE ${areMarked ? 's.is_root_span AND' : ''} s.started_at BETWEEN make_timestamp(${first}) AND make_timestamp(${last})`;
  const rows = await rowsOf(connection, sql, []);
  const byRowId = new Map(rows.map((row) => [row.at(-1) as bigint, row]));
  return places.map(({ rowId }) => fromValues(SPANS, byRowId.get(rowId)!));
}

function ends(values: readonly bigint[]): [bigint, bigint] {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : 1));
  return [sorted[0]!, sorted.at(-1)!];
}

/** The span, or null. */
export async function getSpan(
  { connection }: ReadContext,
  { traceId, spanId }: ParsedQuery<'getSpan'>,
): Promise<AnyExportedSpan | null> {
  const sql = `SELECT ${SPAN_COLUMNS} FROM obs_spans s WHERE s.trace_id = $1 AND s.span_id = $2`;
  const [row] = await rowsOf(connection, sql, [traceId, spanId]);
  return row ? spanOf(row) : null;
}

/** The spans of a trace that have one of the ids. */
export async function getSpans(
  { connection }: ReadContext,
  { traceId, spanIds }: ParsedQuery<'getSpans'>,
): Promise<Trace> {
  const sql = `
    SELECT ${SPAN_COLUMNS} FROM obs_spans s
    WHERE s.trace_id = $1 AND s.span_id IN (SELECT unnest(from_json($2, '["VARCHAR"]')))
    ORDER BY ${SPAN_ORDER}`;
  const rows = await rowsOf(connection, sql, [traceId, JSON.stringify(spanIds)]);
  return { traceId, spans: rows.map(spanOf) };
}

/** The entry span of a trace: the first without a parent, else the first whose parent is not there, else the first. */
export async function getRootSpan(
  { connection }: ReadContext,
  { traceId }: ParsedQuery<'getRootSpan'>,
): Promise<AnyExportedSpan | null> {
  const sql = `
    SELECT ${SPAN_COLUMNS} FROM obs_spans s WHERE s.trace_id = $1
    ORDER BY s.parent_span_id IS NOT NULL,
      s.parent_span_id IN (SELECT span_id FROM obs_spans WHERE trace_id = $1),
      s.started_at, s.span_id
    LIMIT 1`;
  const [row] = await rowsOf(connection, sql, [traceId]);
  return row ? spanOf(row) : null;
}

/** All spans of a trace. */
export async function getTrace(
  { connection }: ReadContext,
  { traceId }: ParsedQuery<'getTrace'>,
): Promise<Trace | null> {
  const sql = `SELECT ${SPAN_COLUMNS} FROM obs_spans s WHERE s.trace_id = $1 ORDER BY ${SPAN_ORDER}`;
  const rows = await rowsOf(connection, sql, [traceId]);
  return rows.length === 0 ? null : { traceId, spans: rows.map(spanOf) };
}
