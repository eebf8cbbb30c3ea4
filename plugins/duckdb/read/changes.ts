import type { DuckDBConnection } from '@duckdb/node-api';
import type {
  ChangeLog,
  Changes,
  FeedbackEvent,
  LogEvent,
  ParsedQuery,
  ScoreEvent,
  TraceSummary,
} from '../../../core/index.ts';
import { FEEDBACK, LOGS, SCORES, type Table } from '../file/columns.ts';
import { fromRow, fromValues } from '../file/rows.ts';
import type { Committed } from '../write/committed.ts';
import type { ReadContext } from './context.ts';
import { entriesSql, isOneOfSql } from './entries.ts';
import { columnsSql, rowsOf } from './rows-of.ts';
import { type EntryPlace, summariesAt } from './trace-summary.ts';

/** Told of every commit, after it. */
export function noteCommit(log: ChangeLog, { spans, events, deleted }: Committed): void {
  const traceIds = new Set(spans.filter(({ isWhole }) => isWhole).map(({ traceId }) => traceId));
  for (const id of traceIds) log.note('tracing', id);
  for (const { signal, id } of events) log.note(signal, id);
  if (deleted.length > 0) log.noteDeletion();
}

/** What was stored since a cursor: each trace and event once, in the order of its last change, as it is now. */
export async function getChanges(
  { connection, changes: log }: ReadContext,
  { cursor, limit }: ParsedQuery<'getChanges'>,
): Promise<Changes> {
  const { ids, ...since } = log.since(cursor, limit);
  return {
    ...since,
    traces: await tracesOf(connection, ids.tracing),
    logs: await eventsOf<LogEvent>(connection, LOGS, ids.logs),
    scores: await eventsOf<ScoreEvent>(connection, SCORES, ids.scores),
    feedback: await eventsOf<FeedbackEvent>(connection, FEEDBACK, ids.feedback),
  };
}

const ENTRIES = `
  WITH ${entriesSql(isOneOfSql('$1'))}
  SELECT rowid, started_at, trace_id FROM obs_spans WHERE ${isOneOfSql('$1')} AND rowid IN (FROM entries)`;

async function tracesOf(connection: DuckDBConnection, traceIds: readonly string[]): Promise<TraceSummary[]> {
  if (traceIds.length === 0) return [];
  const rows = await rowsOf(connection, ENTRIES, [JSON.stringify(traceIds)]);
  const summaries = await summariesAt(
    connection,
    rows.map(([rowId, startedAt, traceId]) => ({ rowId, startedAt, traceId }) as EntryPlace),
  );
  return inOrder(traceIds, summaries, ({ traceId }) => traceId);
}

async function eventsOf<R extends { id: string }>(
  connection: DuckDBConnection,
  table: Table,
  ids: readonly string[],
): Promise<R[]> {
  if (ids.length === 0) return [];
  const sql = `SELECT ${columnsSql(table)} FROM ${table.name} s WHERE ${isOneOfSql('$1', 's.id')}`;
  const rows = await rowsOf(connection, sql, [JSON.stringify(ids)]);
  return inOrder(
    ids,
    rows.map((row) => fromRow<R>(table, fromValues(table, row))),
    ({ id }) => id,
  );
}

/** Those of the records that are there still. */
function inOrder<R>(ids: readonly string[], records: readonly R[], idOf: (record: R) => string): R[] {
  const byId = new Map(records.map((record) => [idOf(record), record]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
