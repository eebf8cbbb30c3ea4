import type { DuckDBConnection } from '@duckdb/node-api';
import { append } from '../file/append.ts';
import { SPANS } from '../file/columns.ts';
import { type Cell, fromValues, missingField, type Row } from '../file/rows.ts';
import { FIELD_SEQS, SPAN_CHANGES } from '../file/schema.ts';
import type { CommittedSpan } from './committed.ts';
import { isSameRow, mergeSpan } from './merge.ts';
import { rangeOf } from './range.ts';
import type { RecentIds } from './recent-ids.ts';

const TRACE_ID = 0;
const SPAN_ID = 1;
const PARENT_SPAN_ID = 2;
const IS_ROOT_SPAN = SPANS.columns.findIndex(({ name }) => name === 'is_root_span');

/** A stored span: where it lies, and what is there. */
interface StoredSpan {
  rowId: number;
  /** True for changes that wait for their span. */
  isPending: boolean;
  row: Row;
}

/**
 * Merges rows of spans into what is stored, in the order given. A span has one row whatever comes how often; one of
 * which only changes have come waits apart until it is complete. The file is asked only for spans that may be there.
 */
export async function saveSpans(
  connection: DuckDBConnection,
  rows: readonly Row[],
  recent: RecentIds,
): Promise<CommittedSpan[]> {
  const stored = await findSpans(
    connection,
    rows.filter((row) => !recent.isFresh(row[TRACE_ID] as string, keyOf(row))),
  );
  const merged = new Map<string, Row>();
  for (const row of rows) {
    const key = keyOf(row);
    merged.set(key, mergeSpan(merged.get(key) ?? stored.get(key)?.row, row));
  }
  const changed: { row: Row; isWhole: boolean; before: StoredSpan | undefined }[] = [];
  const committed: CommittedSpan[] = [];
  for (const [key, row] of merged) {
    const before = stored.get(key);
    if (before && isSameRow(before.row, row)) continue;
    const isWhole = missingField(SPANS, row) === undefined;
    changed.push({ row, isWhole, before });
    committed.push({
      key,
      traceId: row[TRACE_ID] as string,
      spanId: row[SPAN_ID] as string,
      hasParent: row[PARENT_SPAN_ID] !== null,
      isRoot: row[IS_ROOT_SPAN] === true,
      isWhole,
      isNew: before?.isPending !== false,
    });
  }
  const replaced = changed.flatMap(({ before }) => before ?? []);
  for (const isPending of [false, true]) {
    const rowsBefore = replaced.filter((one) => one.isPending === isPending);
    await deleteRows(connection, isPending ? SPAN_CHANGES : SPANS.name, rowsBefore);
  }
  const rowsOf = (isWhole: boolean) => changed.filter((one) => one.isWhole === isWhole).map(({ row }) => row);
  await append(connection, SPANS, rowsOf(true));
  await append(connection, SPANS, rowsOf(false), SPAN_CHANGES);
  return committed;
}

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
  if (rows.length === 0) return new Map();
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
    stored.set(keyOf(row), { isPending: isPending as boolean, rowId: Number(rowId), row });
  }
  return stored;
}

/** Both ids in one text; the length keeps apart what would be the same text. */
function keyOf(row: Row): string {
  const traceId = row[TRACE_ID] as string;
  return `${traceId.length} ${traceId}${row[SPAN_ID]}`;
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
