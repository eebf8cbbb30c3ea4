import type { DuckDBConnection, DuckDBListValue } from '@duckdb/node-api';
import { cursorOf, type ListOrder, type PageInfo, type PageRequest, pageInfo } from '../../../core/index.ts';
import { METRIC_SERIES, METRICS, type Table } from '../file/columns.ts';
import { fromRow, fromValues } from '../file/rows.ts';
import { type EventSource, eventWhere, type SharedFilters } from './event-sources.ts';
import { lookAheadSql, startAfter } from './page.ts';
import { columnsSql, rowsOf } from './rows-of.ts';
import { Where } from './where.ts';

/** A query for a page of events. */
interface EventQuery<F> {
  filters?: F | undefined;
  pagination: PageRequest;
  orderBy: ListOrder;
}

/** What all events have that lists need. */
interface Listed {
  id: string;
  timeUnixMicro: number;
}

/** Up to so many rows are kept in mind while one pass over all texts counts what it finds. */
const MAX_KEPT = 100_000;
const COLUMNS = { time: 's."timestamp"', id: 's.id' };

/** Row ids of a page and of the one event behind it, and how many events all pages have. */
interface Found {
  total: number;
  rowIds: readonly bigint[];
}

/** One page of the events of a signal by time, and their exact number. */
export async function listEvents<F extends SharedFilters>(
  connection: DuckDBConnection,
  source: EventSource<F>,
  query: EventQuery<F>,
): Promise<{ records: Listed[]; pagination: PageInfo }> {
  const { filters, pagination, orderBy } = query;
  const reach = (pagination.page + 1) * pagination.perPage;
  const find = filters?.search !== undefined && reach < MAX_KEPT ? findInOnePass : findByOrder;
  const { total, rowIds } = await find(connection, source, query);
  const shown = rowIds.slice(0, pagination.perPage);
  const records = await readEvents(connection, source.table, shown, orderBy.direction);
  const last = rowIds.length > shown.length ? records.at(-1) : undefined;
  const nextCursor = last && cursorOf([last.timeUnixMicro, last.id], orderBy);
  return { records, pagination: pageInfo(pagination, total, nextCursor) };
}

async function findByOrder<F extends SharedFilters>(
  connection: DuckDBConnection,
  source: EventSource<F>,
  { filters, pagination, orderBy }: EventQuery<F>,
): Promise<Found> {
  const where = eventWhere(source, filters);
  const count = `SELECT count(*) FROM ${source.table.name} s WHERE ${where.sql}`;
  const [total] = (await rowsOf(connection, count, [...where.values]))[0]!;
  startAfter(where, COLUMNS, pagination.after, orderBy);
  const page = `
    SELECT s.rowid FROM ${source.table.name} s WHERE ${where.sql}
    ORDER BY ${orderSql(orderBy.direction)} ${lookAheadSql(pagination)}`;
  const rows = await rowsOf(connection, page, where.values);
  return { total: Number(total), rowIds: rows.map(([rowId]) => rowId as bigint) };
}

/** For conditions that cost more than the order: they are looked at once. */
async function findInOnePass<F extends SharedFilters>(
  connection: DuckDBConnection,
  source: EventSource<F>,
  { filters, pagination: { page, perPage, after }, orderBy }: EventQuery<F>,
): Promise<Found> {
  const where = eventWhere(source, filters);
  const behind = startAfter(new Where(where.values), COLUMNS, after, orderBy);
  const firsts = orderBy.direction === 'ASC' ? 'arg_min' : 'arg_max';
  const reach = BigInt(page + 1) * BigInt(perPage) + 1n;
  const sql = `
    SELECT count(*), ${firsts}(s.rowid, (${COLUMNS.time}, ${COLUMNS.id}), ${reach}) FILTER (${behind.sql})
    FROM ${source.table.name} s WHERE ${where.sql}`;
  const [total, firstIds] = (await rowsOf(connection, sql, where.values))[0]!;
  const rowIds = ((firstIds as DuckDBListValue | null)?.items ?? []) as readonly bigint[];
  return { total: Number(total), rowIds: rowIds.slice(page * perPage) };
}

/** Whole events by their row ids: payloads are read only of what is shown. */
async function readEvents(
  connection: DuckDBConnection,
  table: Table,
  rowIds: readonly bigint[],
  direction: 'ASC' | 'DESC',
): Promise<Listed[]> {
  if (rowIds.length === 0) return [];
  const sql = `
    ${selectSql(table)}
    WHERE s.rowid IN (SELECT unnest(from_json($1, '["BIGINT"]')))
    ORDER BY ${orderSql(direction)}`;
  const rows = await rowsOf(connection, sql, [`[${rowIds.join(',')}]`]);
  return rows.map((row) => eventOf<Listed>(table, row));
}

/** The event with an id, or null. */
export async function getEvent<R>(
  connection: DuckDBConnection,
  { table }: EventSource,
  id: string,
): Promise<R | null> {
  const [row] = await rowsOf(connection, `${selectSql(table)} WHERE s.id = $1`, [id]);
  return row ? eventOf<R>(table, row) : null;
}

const orderSql = (direction: 'ASC' | 'DESC'): string =>
  `${COLUMNS.time} ${direction}, ${COLUMNS.id} ${direction}`;

const SERIES_COLUMNS = METRIC_SERIES.columns.map(({ name }) => `m."${name}"`).join(', ');

/** Rows with the columns of a table; of metrics those of the series follow. */
function selectSql(table: Table): string {
  if (table !== METRICS) return `SELECT ${columnsSql(table)} FROM ${table.name} s`;
  return `
    SELECT ${columnsSql(table)}, ${SERIES_COLUMNS}
    FROM ${table.name} s LEFT JOIN ${METRIC_SERIES.name} m ON m.series_id = s.series_id`;
}

function eventOf<R>(table: Table, values: Parameters<typeof fromValues>[1]): R {
  const event = fromRow<R>(table, fromValues(table, values));
  if (table !== METRICS) return event;
  const ofSeries = fromValues(METRIC_SERIES, values.slice(table.columns.length));
  const { seriesId, ...metric } = { ...event, ...fromRow<{ seriesId?: number }>(METRIC_SERIES, ofSeries) };
  return metric as R;
}
