import type { DuckDBConnection } from '@duckdb/node-api';
import type { ParsedQuery, TracePage, TraceSummary } from '../../../core/index.ts';
import { SPANS } from '../file/columns.ts';
import { limitSql, pageInfo } from './page.ts';
import { columnsSql, rowsOf, spanOf } from './spans.ts';
import { summariesOf } from './trace-summary.ts';
import { spanBelongsTo, Where } from './where.ts';

/**
 * The entry span of every trace, one each, by row id: the first span without a parent; in a trace that has none, the
 * first whose parent is not there, as below a remote parent; else, in a circle, the first.
 */
const ENTRIES = `
  rootless AS MATERIALIZED (
    SELECT trace_id FROM obs_spans GROUP BY trace_id HAVING bool_and(parent_span_id IS NOT NULL)
  ),
  strays AS MATERIALIZED (
    SELECT rowid AS row_id, trace_id, span_id, parent_span_id, started_at
    FROM obs_spans WHERE trace_id IN (FROM rootless)
  ),
  entries AS (
    SELECT arg_min(rowid, (started_at, span_id)) FROM obs_spans WHERE parent_span_id IS NULL GROUP BY trace_id
    UNION ALL
    SELECT arg_min(row_id, (has_parent, started_at, span_id)) FROM (
      SELECT *, EXISTS (
        FROM strays p WHERE p.trace_id = s.trace_id AND p.span_id = s.parent_span_id
      ) AS has_parent
      FROM strays s
    ) GROUP BY trace_id
  ),
  failures AS (
    SELECT trace_id, count(*) AS count FROM obs_spans WHERE status = 'error' GROUP BY trace_id
  )`;

/** True for an entry span when another span of its trace has failed. */
const HAS_CHILD_ERROR = `
  (coalesce((SELECT f.count FROM failures f WHERE f.trace_id = s.trace_id), 0)
    > (CASE WHEN s.status = 'error' THEN 1 ELSE 0 END))`;

const ORDER_COLUMNS = { startedAt: 'started_at', endedAt: 'ended_at' } as const;

/** One page of traces, each as its entry span, and their exact number; a span that still runs has no end and comes last. */
export async function listTraces(
  connection: DuckDBConnection,
  { filters = {}, pagination, orderBy: { field, direction } }: ParsedQuery<'listTraces'>,
): Promise<TracePage> {
  const where = traceWhere(filters);
  const order = `time ${direction} NULLS LAST, trace_id ${direction}`;
  const sql = `
    WITH ${ENTRIES},
    hits AS MATERIALIZED (
      SELECT s.rowid AS row_id, s.${ORDER_COLUMNS[field]} AS time, s.trace_id
      FROM obs_spans s WHERE s.rowid IN (FROM entries) AND ${where.sql}
    ),
    page AS (SELECT * FROM hits ORDER BY ${order} ${limitSql(pagination)})
    SELECT ${columnsSql(SPANS)}, whole.total
    FROM (SELECT count(*) AS total FROM hits) whole
    LEFT JOIN (page JOIN obs_spans s ON s.rowid = page.row_id) ON true
    ORDER BY ${order.replaceAll('trace_id', 'page.trace_id').replace('time', 'page.time')}`;
  const rows = await rowsOf(connection, sql, where.values);
  const spans = rows.filter(([traceId]) => traceId !== null).map(spanOf);
  const summaries = await summariesOf(connection, spans);
  return {
    spans: spans.map((span): TraceSummary => ({ ...span, ...summaries.get(span.traceId)! })),
    pagination: pageInfo(pagination, Number(rows[0]!.at(-1))),
  };
}

function traceWhere(filters: NonNullable<ParsedQuery<'listTraces'>['filters']>): Where {
  const where = spanBelongsTo(new Where(), filters)
    .equal('s.trace_id', filters.traceId)
    .startsWith('s.trace_id', filters.traceIdPrefix)
    .equal('s.type', filters.type)
    .equal('s.name', filters.name)
    .equal('s.status', filters.status)
    .within('s.started_at', filters.startedAt)
    .within('s.ended_at', filters.endedAt)
    .hasAll('s.tags', filters.tags)
    .entries('s.metadata', filters.metadata);
  if (filters.hasChildError === undefined) return where;
  return where.add(filters.hasChildError ? HAS_CHILD_ERROR : `NOT ${HAS_CHILD_ERROR}`);
}
