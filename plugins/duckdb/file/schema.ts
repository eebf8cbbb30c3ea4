import type { DuckDBConnection } from '@duckdb/node-api';
import { ObsError } from '../../../core/index.ts';
import { type Column, type ColumnKind, EVENT_TABLES, METRIC_SERIES, SPANS, type Table } from './columns.ts';

/** The version of the tables below; it grows with every change that an older release could not read. */
export const SCHEMA_VERSION = 2;

/** The name under which the file is attached. */
export const CATALOG = 'obs';

/**
 * How a file is attached. A checkpoint writes every row group anew to which rows were added, and from time to time some
 * before it; with DuckDB's 122,880 rows that was up to half a gigabyte, and writes waited seconds for it.
 */
export const STORAGE = "STORAGE_VERSION 'latest', ROW_GROUP_SIZE 10240";

/** Beside the fields of a span: which of them came with another `seq` than the row's, as `{ column: seq }`. */
export const FIELD_SEQS = 'field_seqs';
/** Changes to spans that have not come yet; they are merged into the span when it does. */
export const SPAN_CHANGES = 'obs_span_changes';

const SQL_TYPES: Record<ColumnKind, string> = {
  text: 'VARCHAR',
  json: 'JSON',
  boolean: 'BOOLEAN',
  integer: 'BIGINT',
  number: 'DOUBLE',
  time: 'TIMESTAMP',
};

function columnSql(column: Column, isRequired: boolean | undefined): string {
  const compression = column.compression ? ` USING COMPRESSION ${column.compression}` : '';
  return `"${column.name}" ${SQL_TYPES[column.kind]}${isRequired ? ' NOT NULL' : ''}${compression}`;
}

export function tableSql(table: Table): string {
  const columns = table.columns.map((column) => columnSql(column, column.isRequired));
  if (table === SPANS) columns.push(`${FIELD_SEQS} JSON`);
  return `CREATE TABLE ${table.name} (${columns.join(', ')})`;
}

function spanChangesSql(): string {
  const columns = SPANS.columns.map((column) => columnSql(column, column.isIdentity));
  return `CREATE TABLE ${SPAN_CHANGES} (${columns.join(', ')}, ${FIELD_SEQS} JSON)`;
}

/** The spans under the names of Mastra's table; `has_child_error` is null for a span that has a parent. */
const SPANS_VIEW = `
  CREATE VIEW mastra_ai_spans AS
  SELECT span_id AS id, trace_id, parent_span_id, name, type, started_at, ended_at, status,
    input, output, metadata, TRY_CAST(tags AS VARCHAR[]) AS tags,
    entity_type, entity_name, entity_id, user_id, organization_id, resource_id, run_id, session_id, thread_id,
    request_id, environment, service_name, source, error_info,
    CASE WHEN parent_span_id IS NULL
      THEN coalesce(errors.count, 0) > (CASE WHEN status = 'error' THEN 1 ELSE 0 END)
    END AS has_child_error,
    scope, attributes
  FROM obs_spans
  LEFT JOIN (
    SELECT trace_id, count(*) AS count FROM obs_spans WHERE status = 'error' GROUP BY trace_id
  ) AS errors USING (trace_id)`;

/** Observations with what their series says: one row as applications emit it. */
export const METRICS_VIEW = `
  CREATE VIEW obs_metrics AS
  SELECT p.id, p.trace_id, p.span_id, p."timestamp", s.name, s.metric_type, p.value, s.labels, s.unit, s.description,
    p.metadata, p.correlation, p.scope, p.truncated
  FROM obs_metric_points p JOIN obs_metric_series s USING (series_id)`;

/**
 * The version of the schema in an attached file; undefined for a file without tables.
 * @throws ObsError `OBS_STORE_CORRUPT` for a database with the tables of another program, or without its version.
 */
export async function schemaVersion(connection: DuckDBConnection, path: string): Promise<number | undefined> {
  const tables = await connection.runAndReadAll(
    'SELECT table_name FROM duckdb_tables() WHERE database_name = $1',
    [CATALOG],
  );
  const names = tables.getRows().map(([name]) => String(name));
  if (names.length === 0) return undefined;
  if (!names.includes('obs_meta')) {
    throw new ObsError('OBS_STORE_CORRUPT', `${path} holds tables of another program: ${names.join(', ')}`);
  }
  const meta = await connection.runAndReadAll(
    `SELECT value FROM ${CATALOG}.obs_meta WHERE key = 'schema_version'`,
  );
  const version = Number(meta.getRows()[0]?.[0]);
  if (Number.isInteger(version)) return version;
  throw new ObsError('OBS_STORE_CORRUPT', `${path} does not say which schema version it has`);
}

/** @throws ObsError `OBS_STORE_NEWER` for a version that this release does not know. */
export function assertKnownVersion(version: number | undefined, path: string): void {
  if (version === undefined || version <= SCHEMA_VERSION) return;
  throw new ObsError(
    'OBS_STORE_NEWER',
    `${path} has schema version ${version}, this release knows ${SCHEMA_VERSION}`,
  );
}

/** Creates all tables, or none. */
export async function createSchema(connection: DuckDBConnection): Promise<void> {
  const statements = [
    'CREATE TABLE obs_meta (key VARCHAR NOT NULL, value VARCHAR NOT NULL)',
    `INSERT INTO obs_meta VALUES ('schema_version', '${SCHEMA_VERSION}')`,
    ...[SPANS, METRIC_SERIES, ...EVENT_TABLES].map(tableSql),
    spanChangesSql(),
    SPANS_VIEW,
    METRICS_VIEW,
  ];
  await connection.run(`BEGIN TRANSACTION; ${statements.join('; ')}; COMMIT`);
}
