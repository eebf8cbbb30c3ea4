import type { DuckDBConnection } from '@duckdb/node-api';
import { METRIC_SERIES, METRICS, SPANS } from '../file/columns.ts';
import { SPAN_CHANGES } from '../file/schema.ts';
import type { Commits } from '../write/commits.ts';
import { type DoomedEvents, type DoomedTraces, EVENT_TABLE, type EventSignal, idsSql } from './doomed.ts';
import { at } from './moment.ts';
import { deleteOldSpans } from './old-traces.ts';

/** Events that one transaction deletes: writers wait for it. */
const MAX_EVENTS = 100_000;

/** Deleted traces up to this are told one by one: to take the ids of many from DuckDB takes longer than to delete them. */
const MAX_NAMED = 1_000;

/** What was deleted with some traces. */
export interface DeletedTraces {
  traces: number;
  spans: number;
  /** What was linked to them, by signal. */
  linked: Partial<Record<EventSignal, number>>;
}

/** Deletes traces with what is linked to them in these signals, apart from traces that have become active since. */
export function deleteTraces(
  commits: Commits,
  doomed: DoomedTraces,
  signals: readonly EventSignal[],
): Promise<DeletedTraces> {
  return commits.exclusive(async (connection) => {
    let spans = 0;
    if (doomed.untilId === undefined) spans = await deleteOldSpans(connection, doomed.untilMicros + 1);
    else {
      await connection.run(`CREATE OR REPLACE TEMP TABLE doomed AS ${idsSql(doomed)}`);
      spans = await deleteDoomed(connection, SPANS.name);
    }
    spans += await deleteDoomed(connection, SPAN_CHANGES);
    const linked: DeletedTraces['linked'] = {};
    for (const signal of signals) linked[signal] = await deleteDoomed(connection, EVENT_TABLE[signal].name);
    const ids = await connection.runAndReadAll(`SELECT trace_id FROM doomed LIMIT ${MAX_NAMED + 1}`);
    const named = (ids.getColumns()[0] ?? []) as string[];
    const { rowsChanged: traces } = await connection.run('DELETE FROM doomed');
    await connection.run('DROP TABLE doomed');
    return { deleted: traces > MAX_NAMED ? 'all' : named, result: { traces, spans, linked } };
  });
}

/** Gives the number of rows. */
async function deleteDoomed(connection: DuckDBConnection, table: string): Promise<number> {
  // With many traces it takes a while to learn from an empty table that it has nothing of them.
  const some = await connection.runAndReadAll(`SELECT 1 FROM ${table} LIMIT 1`);
  if (some.currentRowCount === 0) return 0;
  const removed = await connection.run(
    `DELETE FROM ${table} WHERE trace_id IN (SELECT trace_id FROM doomed)`,
  );
  return removed.rowsChanged;
}

/** How many events of some signals are linked to traces. */
export async function countLinked(
  connection: DuckDBConnection,
  doomed: DoomedTraces,
  signals: readonly EventSignal[],
): Promise<DeletedTraces['linked']> {
  const linked: DeletedTraces['linked'] = {};
  for (const signal of signals) {
    const found = await connection.runAndReadAll(
      `SELECT count(*) FROM ${EVENT_TABLE[signal].name} WHERE trace_id IN (${idsSql(doomed)})`,
    );
    linked[signal] = Number(found.getRows()[0]?.[0]);
  }
  return linked;
}

/** Deletes events in several transactions; `onDeleted` is told the number of each. Gives their number. */
export async function deleteEvents(
  commits: Commits,
  { signal, records, untilMicros }: DoomedEvents,
  onDeleted: (records: number) => void,
): Promise<number> {
  const { name } = EVENT_TABLE[signal];
  let left = records;
  while (left > 0) {
    const deleted = await commits.exclusive<number>(async (connection) => {
      const { rowsChanged } = await connection.run(
        `DELETE FROM ${name} WHERE rowid IN (
           SELECT rowid FROM ${name} WHERE "timestamp" <= ${at(untilMicros)} LIMIT ${Math.min(left, MAX_EVENTS)})`,
      );
      return { deleted: [], result: rowsChanged };
    });
    if (deleted === 0) break;
    left -= deleted;
    onDeleted(deleted);
  }
  return records - left;
}

const UNUSED = `series_id NOT IN (SELECT DISTINCT series_id FROM ${METRICS.name})`;

/** Deletes series of which no observation is left. */
export async function deleteUnusedSeries(commits: Commits): Promise<void> {
  await commits.exclusive(async (connection) => {
    await connection.run(`DELETE FROM ${METRIC_SERIES.name} WHERE ${UNUSED}`);
    return { deleted: [] };
  });
}

/** Whether there are any series of which no observation is left. */
export async function hasUnusedSeries(connection: DuckDBConnection): Promise<boolean> {
  const found = await connection.runAndReadAll(`SELECT 1 FROM ${METRIC_SERIES.name} WHERE ${UNUSED} LIMIT 1`);
  return found.getRows().length > 0;
}
