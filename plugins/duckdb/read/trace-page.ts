import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { ParsedQuery } from '../../../core/index.ts';
import { countEntries, selectEntries } from './entries.ts';
import type { ReadContext } from './index.ts';
import { lookAheadSql, type OrderColumns, startAfter } from './page.ts';
import { rowsOf, type SpanPlace } from './spans.ts';
import { type TraceFilters, traceWhere } from './trace-filters.ts';
import { Where } from './where.ts';

type Query = ParsedQuery<'listTraces'>;
type OddIds = ReadonlySet<string> | undefined;

/** Where the entry spans of a page lie, and the one behind it, in order; and how many traces all pages have. */
export interface FoundPage {
  places: SpanPlace[];
  total: number;
  /** True when the entry span of each has its mark. */
  arePlain: boolean;
}

const ORDER_COLUMNS: Record<Query['orderBy']['field'], OrderColumns> = {
  startedAt: { time: 'started_at', id: 'trace_id' },
  endedAt: { time: 'ended_at', id: 'trace_id', isOptional: true },
};
/** What is needed of an entry span to put it in order and to find it. */
const PLACE_COLUMNS = 's.rowid AS row_id, s.started_at, s.ended_at, s.trace_id';

/** Filters on any span of a trace cost the same for one page as for all traces: these are looked for once. */
export async function findPage({ connection, oddTraces }: ReadContext, query: Query): Promise<FoundPage> {
  const odd = await oddTraces.in(connection);
  const { hasChildError, search } = query.filters ?? {};
  const find = hasChildError !== undefined || search !== undefined ? findAll : findFew;
  return find(connection, odd, query);
}

async function findAll(connection: DuckDBConnection, odd: OddIds, query: Query): Promise<FoundPage> {
  const { filters = {}, pagination, orderBy } = query;
  const values: DuckDBValue[] = [];
  const conditions = (values: DuckDBValue[], isPlain: boolean) => traceWhere(filters, values, isPlain).sql;
  const selects = selectEntries(odd, PLACE_COLUMNS, conditions, values);
  const hits = [selects.plain, selects.odd].filter(Boolean).join(' UNION ALL ');
  const isBehind = startAfter(new Where(values), ORDER_COLUMNS[orderBy.field], pagination.after, orderBy).sql;
  const sql = `${selects.with ? `${selects.with},` : 'WITH'} hits AS MATERIALIZED (${hits}),
    page AS (SELECT * FROM hits WHERE ${isBehind} ${orderSql(query)} ${lookAheadSql(pagination)})
    SELECT row_id, started_at, trace_id, total
    FROM (SELECT count(*) AS total FROM hits) LEFT JOIN page ON true ${orderSql(query)}`;
  const rows = await rowsOf(connection, sql, values);
  const total = Number(rows[0]?.[3]);
  return { ...pageOf(odd, rows[0]?.[0] === null ? [] : rows), total };
}

async function findFew(connection: DuckDBConnection, odd: OddIds, query: Query): Promise<FoundPage> {
  const { filters = {}, pagination, orderBy } = query;
  const columns = ORDER_COLUMNS[orderBy.field];
  const values: DuckDBValue[] = [];
  const conditions = (values: DuckDBValue[], isPlain: boolean): string =>
    startAfter(traceWhere(filters, values, isPlain), columns, pagination.after, orderBy).sql;
  const selects = selectEntries(odd, PLACE_COLUMNS, conditions, values);
  const order = orderSql(query);
  // What is behind the page is left out before the parts are put together: DuckDB then skips most blocks of rows.
  const enough = lookAheadSql({ page: 0, perPage: (pagination.page + 1) * pagination.perPage });
  const plain = selects.plain && `(${selects.plain} ${order} ${enough})`;
  const parts = [plain, selects.odd && `(${selects.odd})`].filter(Boolean).join(' UNION ALL ');
  const sql = `${selects.with}
    SELECT row_id, started_at, trace_id FROM (${parts}) ${order} ${lookAheadSql(pagination)}`;
  const rows = await rowsOf(connection, sql, values);
  return { ...pageOf(odd, rows), total: await countAll(connection, odd, filters) };
}

async function countAll(connection: DuckDBConnection, odd: OddIds, filters: TraceFilters): Promise<number> {
  const values: DuckDBValue[] = [];
  const sql = countEntries(odd, (values, isPlain) => traceWhere(filters, values, isPlain).sql, values);
  const [total] = await rowsOf(connection, sql, values);
  return Number(total?.[0]);
}

function orderSql({ orderBy: { field, direction } }: Query): string {
  const { time, id } = ORDER_COLUMNS[field];
  return `ORDER BY ${time} ${direction} NULLS LAST, ${id} ${direction}`;
}

function pageOf(odd: OddIds, rows: readonly DuckDBValue[][]): Pick<FoundPage, 'places' | 'arePlain'> {
  return {
    places: rows.map(([rowId, startedAt]) => ({ rowId, startedAt }) as SpanPlace),
    arePlain: odd !== undefined && rows.every(([, , traceId]) => !odd.has(traceId as string)),
  };
}
