import type { DuckDBConnection } from '@duckdb/node-api';
import { append } from './append.ts';
import { type ColumnKind, EVENT_TABLES, SPANS, type Table } from './columns.ts';
import { isSameRow, mergeSpan } from './merge.ts';
import { type Cell, fromValues, missingField, type Row } from './rows.ts';
import { FIELD_SEQS, SPAN_CHANGES } from './schema.ts';

const TRACE_ID = 0;
const SPAN_ID = 1;
const EVENT_ID = 0;

/** A stored span: where it lies, and what is there. */
interface StoredSpan {
  rowId: number;
  /** True for changes that wait for their span. */
  isPending: boolean;
  row: Row;
}

/**
 * Merges rows of spans into what is stored, in the order given. A span has one row whatever comes how often; one of
 * which only changes have come waits apart until it is complete.
 */
export async function saveSpans(connection: DuckDBConnection, rows: readonly Row[]): Promise<void> {
  const stored = await findSpans(connection, rows);
  const merged = new Map<string, Row>();
  for (const row of rows) {
    const key = spanKey(row);
    merged.set(key, mergeSpan(merged.get(key) ?? stored.get(key)?.row, row));
  }
  const spans: Row[] = [];
  const changes: Row[] = [];
  const replaced: StoredSpan[] = [];
  for (const [key, row] of merged) {
    const before = stored.get(key);
    if (before && isSameRow(before.row, row)) continue;
    if (before) replaced.push(before);
    (missingField(SPANS, row) === undefined ? spans : changes).push(row);
  }
  await deleteRows(
    connection,
    SPANS.name,
    replaced.filter(({ isPending }) => !isPending),
  );
  await deleteRows(
    connection,
    SPAN_CHANGES,
    replaced.filter(({ isPending }) => isPending),
  );
  await append(connection, SPANS.name, SPAN_KINDS, spans);
  await append(connection, SPAN_CHANGES, SPAN_KINDS, changes);
}

/** Adds rows of events; those whose identity is stored already are left out. */
export async function saveEvents(
  table: Table,
  connection: DuckDBConnection,
  rows: readonly Row[],
): Promise<void> {
  const byId = new Map<Cell, Row>();
  for (const row of rows) if (!byId.has(row[EVENT_ID]!)) byId.set(row[EVENT_ID]!, row);
  const ids = [...byId.keys()] as string[];
  const known = await connection.runAndReadAll(
    `SELECT id FROM ${table.name}
     WHERE id BETWEEN $1 AND $2 AND id IN (SELECT unnest(from_json($3, '["VARCHAR"]')))`,
    [...rangeOf(ids), JSON.stringify(ids)],
  );
  for (const [id] of known.getRows()) byId.delete(id as string);
  const kinds = table.columns.map(({ kind }) => kind);
  await append(connection, table.name, kinds, [...byId.values()]);
}

/** Deletes traces with all that is linked to them. */
export async function deleteTraces(connection: DuckDBConnection, traceIds: readonly string[]): Promise<void> {
  for (const name of [SPANS.name, SPAN_CHANGES, ...EVENT_TABLES.map((table) => table.name)]) {
    await connection.run(
      `DELETE FROM ${name} WHERE trace_id IN (SELECT unnest(from_json($1, '["VARCHAR"]')))`,
      [JSON.stringify(traceIds)],
    );
  }
}

/** Deletes everything. */
export async function deleteAll(connection: DuckDBConnection): Promise<void> {
  for (const name of [SPANS.name, SPAN_CHANGES, ...EVENT_TABLES.map((table) => table.name)]) {
    await connection.run(`DELETE FROM ${name}`);
  }
}

const SPAN_KINDS: readonly ColumnKind[] = [...SPANS.columns.map(({ kind }) => kind), 'json'];
const SPAN_CELLS = [...SPANS.columns.map(({ name }) => name), FIELD_SEQS]
  .map((name) => `"${name}"`)
  .join(', ');

const FIND_SPANS = [SPANS.name, SPAN_CHANGES]
  .map(
    (name, index) => `
      SELECT ${index === 1} AS is_pending, rowid, ${SPAN_CELLS} FROM ${name}
      WHERE trace_id BETWEEN $1 AND $2 AND (trace_id, span_id) IN (
        SELECT unnest(from_json($3, '["VARCHAR"]')), unnest(from_json($4, '["VARCHAR"]')))`,
  )
  .join(' UNION ALL ');

/**
 * The stored rows of the same spans. The range of trace ids is what makes this fast: ids of ours begin with their
 * time, so that DuckDB looks into the few blocks of that time only; with other ids it looks into all of them.
 */
async function findSpans(
  connection: DuckDBConnection,
  rows: readonly Row[],
): Promise<Map<string, StoredSpan>> {
  const traceIds = rows.map((row) => row[TRACE_ID] as string);
  const spanIds = rows.map((row) => row[SPAN_ID] as string);
  const found = await connection.runAndReadAll(FIND_SPANS, [
    ...rangeOf(traceIds),
    JSON.stringify(traceIds),
    JSON.stringify(spanIds),
  ]);
  const stored = new Map<string, StoredSpan>();
  for (const [isPending, rowId, ...values] of found.getRows()) {
    const row = fromValues(SPANS, values);
    row.push((values.at(-1) ?? null) as Cell);
    stored.set(spanKey(row), { isPending: isPending as boolean, rowId: Number(rowId), row });
  }
  return stored;
}

function spanKey(row: Row): string {
  return JSON.stringify([row[TRACE_ID], row[SPAN_ID]]);
}

/** The first and last text in DuckDB's order, which is that of UTF-8 bytes. */
function rangeOf(texts: readonly string[]): [string, string] {
  const bytes = texts.map((text) => Buffer.from(text)).sort(Buffer.compare);
  return [bytes[0]!.toString(), bytes.at(-1)!.toString()];
}

async function deleteRows(
  connection: DuckDBConnection,
  name: string,
  rows: readonly StoredSpan[],
): Promise<void> {
  if (rows.length === 0) return;
  await connection.run(`DELETE FROM ${name} WHERE rowid IN (SELECT unnest(from_json($1, '["BIGINT"]')))`, [
    JSON.stringify(rows.map(({ rowId }) => rowId)),
  ]);
}
