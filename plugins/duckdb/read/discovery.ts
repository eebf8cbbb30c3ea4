import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { ParsedQuery } from '../../../core/index.ts';
import { METRIC_SERIES, METRICS, SPANS } from '../file/columns.ts';
import { rowsOf } from './rows-of.ts';
import { jsonPointer, type TimeRange, Where } from './where.ts';

/** What kinds of entities spans are about. */
export async function getEntityTypes(connection: DuckDBConnection, query: ParsedQuery<'getEntityTypes'>) {
  return { entityTypes: await spanTexts(connection, 's.entity_type', query) };
}

/** What the entities that spans are about are called. */
export async function getEntityNames(connection: DuckDBConnection, query: ParsedQuery<'getEntityNames'>) {
  return { names: await spanTexts(connection, 's.entity_name', query) };
}

/** The services that spans come from. */
export async function getServiceNames(connection: DuckDBConnection, query: ParsedQuery<'getServiceNames'>) {
  return { serviceNames: await spanTexts(connection, 's.service_name', query) };
}

/** The environments that spans come from. */
export async function getEnvironments(connection: DuckDBConnection, query: ParsedQuery<'getEnvironments'>) {
  return { environments: await spanTexts(connection, 's.environment', query) };
}

/** The tags of spans. */
export async function getTags(connection: DuckDBConnection, query: ParsedQuery<'getTags'>) {
  return { tags: await spanTexts(connection, 's.tags', query, 'unnest(TRY_CAST(value AS VARCHAR[]))') };
}

/** The names of metrics. */
export async function getMetricNames(
  connection: DuckDBConnection,
  { prefix, limit }: ParsedQuery<'getMetricNames'>,
) {
  const where = new Where().startsWith('m.name', prefix);
  return { names: await seriesTexts(connection, 'm.name', where, limit) };
}

/** The keys of the labels of a metric. */
export async function getMetricLabelKeys(
  connection: DuckDBConnection,
  { name }: ParsedQuery<'getMetricLabelKeys'>,
) {
  const where = new Where().equal('m.name', name);
  return { keys: await seriesTexts(connection, 'unnest(json_keys(m.labels))', where) };
}

/** The values of a label of a metric. */
export async function getMetricLabelValues(
  connection: DuckDBConnection,
  { name, key, prefix, limit }: ParsedQuery<'getMetricLabelValues'>,
) {
  const where = new Where().equal('m.name', name);
  const label = `json_extract_string(m.labels, ${where.bind(jsonPointer(key))})`;
  where.startsWith(label, prefix);
  return { values: await seriesTexts(connection, label, where, limit) };
}

interface SpanQuery {
  entityType?: string | undefined;
  within?: TimeRange | undefined;
  limit?: number;
}

/** The texts of a column; `text` is SQL that makes them of a `value` of it, once for each that is different. */
function spanTexts(
  connection: DuckDBConnection,
  column: string,
  query: SpanQuery,
  text = 'value',
): Promise<string[]> {
  const where = new Where().equal('s.entity_type', query.entityType).within('s.started_at', query.within);
  const values = `SELECT DISTINCT ${column} AS value FROM ${SPANS.name} s WHERE ${where.sql}`;
  return texts(connection, `SELECT ${text} AS text FROM (${values})`, where.values, query.limit);
}

/** A series stays when the traces that it was observed in are deleted; then it is not there for those who ask. */
function seriesTexts(
  connection: DuckDBConnection,
  text: string,
  where: Where,
  limit?: number,
): Promise<string[]> {
  where.add(`m.series_id IN (SELECT DISTINCT p.series_id FROM ${METRICS.name} p)`);
  const sql = `SELECT ${text} AS text FROM ${METRIC_SERIES.name} m WHERE ${where.sql}`;
  return texts(connection, sql, where.values, limit);
}

/** The texts of a query, sorted and without repeats. */
async function texts(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[],
  limit: number | undefined,
): Promise<string[]> {
  const cut = limit === undefined ? '' : `LIMIT ${BigInt(limit)}`;
  const distinct = `SELECT DISTINCT text FROM (${sql}) WHERE text IS NOT NULL ORDER BY text ${cut}`;
  return (await rowsOf(connection, distinct, values)).map(([text]) => text as string);
}
