import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { ParsedQuery } from '../../../core/index.ts';
import type { ReadContext } from './context.ts';
import { countEntries, selectEntries } from './entries.ts';
import { lookAheadSql, type OrderColumns, startAfter } from './page.ts';
import { rowsOf } from './rows-of.ts';
import { entryWhere, FAILURES, type TraceFilters, traceWhere } from './trace-filters.ts';
import type { EntryPlace } from './trace-summary.ts';
import { Where } from './where.ts';

type Query = ParsedQuery<'listTraces'>;
type OddIds = ReadonlySet<string> | undefined;

/** The entry spans of a page. */
interface Found {
  /** Where they lie, in order, with the one behind the page. */
  places: EntryPlace[];
  /** True when each has its mark. */
  arePlain: boolean;
  /** How many traces all pages have, where it was found out. */
  total?: number;
}

/** The entry spans of a page, how many traces all pages have, and the state of the database in which that was found. */
export type FoundPage = Found & { total: number; state: number | undefined };

const ORDER_COLUMNS: Record<Query['orderBy']['field'], OrderColumns> = {
  startedAt: { time: 'started_at', id: 'trace_id' },
  endedAt: { time: 'ended_at', id: 'trace_id', isOptional: true },
};
/** Traces that are looked at for each that is wanted. */
const NEAR = 20;
/** What is needed of an entry span to put it in order and to find it. */
const PLACE_COLUMNS = 's.rowid AS row_id, s.started_at, s.ended_at, s.trace_id';

/** Where the entry spans of a page lie, and how many traces meet the filters. */
export async function findPage(context: ReadContext, query: Query): Promise<FoundPage> {
  const { connection } = context;
  const { filters = {} } = query;
  const [odd, totals] = await context.totals.during(() => context.oddTraces.in(connection));
  const known = totals.get(filters);
  const found = await find(connection, odd, query, known);
  const total = found.total ?? known ?? (await countAll(connection, odd, filters));
  totals.set(filters, total);
  return { ...found, total, state: totals.state };
}

/** Filters on any span of a trace cost the same for one page as for all traces: these are looked for and counted once. */
async function find(
  connection: DuckDBConnection,
  odd: OddIds,
  query: Query,
  known: number | undefined,
): Promise<Found> {
  const { hasChildError, search } = query.filters ?? {};
  if (hasChildError === undefined && search === undefined) return findFew(connection, odd, query);
  const isNear = search === undefined && known !== undefined && odd !== undefined;
  return (isNear && (await findNear(connection, odd, query))) || findAll(connection, odd, query);
}

async function findAll(connection: DuckDBConnection, odd: OddIds, query: Query): Promise<Found> {
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

async function findFew(connection: DuckDBConnection, odd: OddIds, query: Query): Promise<Found> {
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
  return pageOf(odd, await rowsOf(connection, sql, values));
}

/**
 * The same for a filter on failures, by looking at some first traces only; undefined where too few of them have, or
 * lack, a failure.
 */
async function findNear(
  connection: DuckDBConnection,
  odd: ReadonlySet<string>,
  query: Query,
): Promise<Found | undefined> {
  const { filters = {}, pagination, orderBy } = query;
  const values: DuckDBValue[] = [];
  const conditions = (values: DuckDBValue[], isPlain: boolean): string => {
    const where = isPlain ? entryWhere(filters, values) : traceWhere(filters, values, false);
    return startAfter(where, ORDER_COLUMNS[orderBy.field], pagination.after, orderBy).sql;
  };
  const selects = selectEntries(odd, PLACE_COLUMNS, conditions, values);
  const order = orderSql(query);
  const wanted = (pagination.page + 1) * pagination.perPage + 1;
  const near = wanted * NEAR;
  const sql = `${selects.with ? `${selects.with},` : 'WITH'}
    near AS MATERIALIZED (${selects.plain} ${order} LIMIT ${near}),
    failing AS MATERIALIZED (${FAILURES} AND trace_id IN (SELECT trace_id FROM near)),
    hits AS MATERIALIZED (SELECT * FROM near WHERE trace_id ${filters.hasChildError ? '' : 'NOT'} IN (FROM failing))
    SELECT row_id, started_at, trace_id, (SELECT count(*) FROM near), (SELECT count(*) FROM hits)
    FROM (FROM hits ${selects.odd ? `UNION ALL (${selects.odd})` : ''}) ${order} ${lookAheadSql(pagination)}`;
  const rows = await rowsOf(connection, sql, values);
  const [, , , looked, hits] = rows[0] ?? [];
  const isEnough = Number(looked) < near || Number(hits) >= wanted;
  return isEnough ? pageOf(odd, rows) : undefined;
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
    places: rows.map(([rowId, startedAt, traceId]) => ({ rowId, startedAt, traceId }) as EntryPlace),
    arePlain: odd !== undefined && rows.every(([, , traceId]) => !odd.has(traceId as string)),
  };
}
