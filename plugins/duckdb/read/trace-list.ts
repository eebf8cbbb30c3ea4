import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { AnyExportedSpan, ParsedQuery, TracePage } from '../../../core/index.ts';
import { countEntries, selectEntries } from './entries.ts';
import type { ReadContext } from './index.ts';
import { cursorOf, lookAheadSql, type OrderColumns, pageInfo, startAfter } from './page.ts';
import { rowsOf, SPAN_COLUMNS, spanOf, spansByRow } from './spans.ts';
import { summariesOf } from './trace-summary.ts';
import { spanBelongsTo, Where } from './where.ts';

type Query = ParsedQuery<'listTraces'>;
type Filters = NonNullable<Query['filters']>;

const ORDER_COLUMNS: Record<Query['orderBy']['field'], OrderColumns> = {
  startedAt: { time: 'started_at', id: 'trace_id' },
  endedAt: { time: 'ended_at', id: 'trace_id', isOptional: true },
};

const FAILURES = `(SELECT trace_id FROM obs_spans WHERE status = 'error' AND is_root_span IS NOT TRUE)`;
const FAILURE_COUNT = `(SELECT count(*) FROM obs_spans f WHERE f.trace_id = s.trace_id AND f.status = 'error')`;
const SEARCHED = ['name', 'input', 'output', 'attributes', 'metadata', 'error_info'].map(
  (column) => `t."${column}"`,
);

/** One page of traces, each as its entry span, and their exact number; a span that still runs has no end and comes last. */
export async function listTraces({ connection, oddTraces }: ReadContext, query: Query): Promise<TracePage> {
  const odd = await oddTraces.in(connection);
  const { found, total } = await findPage(connection, odd, query);
  const { pagination, orderBy } = query;
  const entries = found.slice(0, pagination.perPage);
  const last = found.length > pagination.perPage ? entries.at(-1) : undefined;
  const next = last && cursorOf([placeIn(last, orderBy.field), last.traceId], orderBy);
  return {
    spans: await summariesOf(connection, entries),
    pagination: pageInfo(pagination, total, next),
  };
}

function placeIn(span: AnyExportedSpan, field: Query['orderBy']['field']): number | null {
  return field === 'startedAt' ? span.startUnixMicro : (span.endUnixMicro ?? null);
}

type OddIds = ReadonlySet<string> | undefined;

/** The entry spans of a page and the one behind it, and the number of all. */
interface Found {
  found: AnyExportedSpan[];
  total: number;
}

/** Filters on any span of a trace cost the same for one page as for all traces: these are looked for once. */
function findPage(connection: DuckDBConnection, odd: OddIds, query: Query): Promise<Found> {
  const { hasChildError, search } = query.filters ?? {};
  if (hasChildError !== undefined || search !== undefined) return findAll(connection, odd, query);
  return findFew(connection, odd, query);
}

async function findAll(connection: DuckDBConnection, odd: OddIds, query: Query): Promise<Found> {
  const { filters = {}, pagination, orderBy } = query;
  const columns = ORDER_COLUMNS[orderBy.field];
  const values: DuckDBValue[] = [];
  const conditions = (values: DuckDBValue[], isPlain: boolean) => traceWhere(filters, values, isPlain).sql;
  const selects = selectEntries(odd, ROW_COLUMNS, conditions, values);
  const hits = [selects.plain, selects.odd].filter(Boolean).join(' UNION ALL ');
  const isBehind = startAfter(new Where(values), columns, pagination.after, orderBy).sql;
  const page = `SELECT * FROM hits WHERE ${isBehind} ${orderSql(query)} ${lookAheadSql(pagination)}`;
  const sql = `${selects.with ? `${selects.with},` : 'WITH'} hits AS MATERIALIZED (${hits})
    SELECT (SELECT count(*) FROM hits), list(row_id ${orderSql(query)}) FROM (${page})`;
  const [[total, rowIds]] = (await rowsOf(connection, sql, values)) as [[bigint, { items: bigint[] } | null]];
  return { found: await spansByRow(connection, rowIds?.items ?? []), total: Number(total) };
}

async function findFew(connection: DuckDBConnection, odd: OddIds, query: Query): Promise<Found> {
  const { filters = {}, pagination, orderBy } = query;
  const columns = ORDER_COLUMNS[orderBy.field];
  const values: DuckDBValue[] = [];
  const conditions = (values: DuckDBValue[], isPlain: boolean): string =>
    startAfter(traceWhere(filters, values, isPlain), columns, pagination.after, orderBy).sql;
  const selects = selectEntries(odd, ROW_COLUMNS, conditions, values);
  const order = orderSql(query);
  // What is behind the page is left out before the parts are put together: DuckDB then skips most blocks of rows.
  const enough = lookAheadSql({ page: 0, perPage: (pagination.page + 1) * pagination.perPage });
  const plain = selects.plain && `(${selects.plain} ${order} ${enough})`;
  const parts = [plain, selects.odd && `(${selects.odd})`].filter(Boolean).join(' UNION ALL ');
  // By row ids, so that the payloads of the page are read and no others.
  const page = `SELECT row_id FROM (${parts}) ${order} ${lookAheadSql(pagination)}`;
  const sql = `${selects.with} SELECT ${SPAN_COLUMNS} FROM obs_spans s WHERE s.rowid IN (${page}) ${order}`;
  const found = (await rowsOf(connection, sql, values)).map(spanOf);
  return { found, total: await countAll(connection, odd, filters) };
}

async function countAll(connection: DuckDBConnection, odd: OddIds, filters: Filters): Promise<number> {
  const values: DuckDBValue[] = [];
  const sql = countEntries(odd, (values, isPlain) => traceWhere(filters, values, isPlain).sql, values);
  const [total] = await rowsOf(connection, sql, values);
  return Number(total?.[0]);
}

const ROW_COLUMNS = 's.rowid AS row_id, s.started_at, s.ended_at, s.trace_id';

function orderSql({ orderBy: { field, direction } }: Query): string {
  const { time, id } = ORDER_COLUMNS[field];
  return `ORDER BY ${time} ${direction} NULLS LAST, ${id} ${direction}`;
}

function traceWhere(filters: Filters, values: DuckDBValue[], isPlain: boolean): Where {
  const where = spanBelongsTo(new Where(values), filters)
    .equal('s.trace_id', filters.traceId)
    .startsWith('s.trace_id', filters.traceIdPrefix)
    .equal('s.type', filters.type)
    .equal('s.name', filters.name)
    .equal('s.status', filters.status)
    .within('s.started_at', filters.startedAt)
    .within('s.ended_at', filters.endedAt)
    .hasAll('s.tags', filters.tags)
    .entries('s.metadata', filters.metadata);
  if (filters.hasChildError !== undefined) {
    const hasChildError = isPlain
      ? `s.trace_id IN ${FAILURES}`
      : `${FAILURE_COUNT} > (CASE WHEN s.status = 'error' THEN 1 ELSE 0 END)`;
    where.add(filters.hasChildError ? `(${hasChildError})` : `NOT (${hasChildError})`);
  }
  if (filters.search !== undefined) {
    const found = new Where(values).search(SEARCHED, filters.search);
    where.add(`s.trace_id IN (SELECT t.trace_id FROM obs_spans t WHERE ${found.sql})`);
  }
  return where;
}
