import type { DuckDBConnection, DuckDBListValue } from '@duckdb/node-api';
import { SPANS } from '../file/columns.ts';
import { SPAN_CHANGES } from '../file/schema.ts';
import { at } from './moment.ts';

/** Rows of spans that one transaction deletes, in some 100 ms. */
const MAX_SPANS = 750_000;

/** What a table has of before a moment, or since then. In two halves, each of which DuckDB can skip blocks for. */
function halves(table: string, compared: '<' | '>=', micros: number): string[] {
  return [
    `FROM ${table} WHERE ended_at ${compared} ${at(micros)}`,
    `FROM ${table} WHERE ended_at IS NULL AND started_at ${compared} ${at(micros)}`,
  ];
}

function rowsSql(columns: string, compared: '<' | '>=', micros: number): string {
  const parts = [SPANS.name, SPAN_CHANGES].flatMap((table) => halves(table, compared, micros));
  return parts.map((part) => `SELECT ${columns} ${part}`).join(' UNION ALL ');
}

/** A part of what is too old: the traces in which nothing has happened since a moment. */
export interface OldPart {
  /** Rows older than that; those of traces that stay are among them. */
  records: number;
  /** The moment, exclusive. */
  beforeMicros: number;
}

/** Cuts what is older than a moment into parts of so many rows that writers do not wait for long, the oldest first. */
export async function oldParts(
  connection: DuckDBConnection,
  beforeMicros: number,
  maxSpans = MAX_SPANS,
): Promise<OldPart[]> {
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM (${rowsSql('1', '<', beforeMicros)})`);
  const records = Number(counted.getRows()[0]?.[0]);
  if (records === 0) return [];
  const count = Math.ceil(records / maxSpans);
  const cuts = count === 1 ? [] : await quantiles(connection, beforeMicros, count);
  const moments = [...new Set(cuts.map((micros) => micros + 1)).add(beforeMicros)];
  return moments.map((moment) => ({ records: Math.round(records / moments.length), beforeMicros: moment }));
}

/** The times that divide what is older than a moment into so many parts of one size. */
async function quantiles(
  connection: DuckDBConnection,
  beforeMicros: number,
  count: number,
): Promise<number[]> {
  const rows = rowsSql('epoch_us(coalesce(ended_at, started_at)) AS micros', '<', beforeMicros);
  const places = Array.from({ length: count - 1 }, (_, n) => (n + 1) / count);
  const found = await connection.runAndReadAll(`SELECT quantile_disc(micros, [${places}]) FROM (${rows})`);
  return (found.getRows()[0]![0] as DuckDBListValue).items.map(Number);
}

/**
 * Notes in a temporary table `doomed` the ids of the traces in which nothing has happened since a moment, and deletes
 * their spans by age: to look for each by its trace takes several times as long. Gives the number of spans.
 */
export async function deleteOldSpans(connection: DuckDBConnection, beforeMicros: number): Promise<number> {
  const old = rowsSql('trace_id', '<', beforeMicros);
  const recent = rowsSql('trace_id', '>=', beforeMicros);
  await connection.run(`CREATE OR REPLACE TEMP TABLE doomed AS SELECT DISTINCT trace_id FROM (${old})`);
  const newest = await connection.runAndReadAll('SELECT max(trace_id) FROM doomed');
  // Some that have nothing old may be among these. Ids of ours begin with their time, so hardly any row is looked at.
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE spared AS SELECT DISTINCT trace_id FROM (${recent}) WHERE trace_id <= $1`,
    [newest.getRows()[0]![0]!],
  );
  const { rowsChanged: spared } = await connection.run(
    'DELETE FROM doomed WHERE trace_id IN (SELECT trace_id FROM spared)',
  );
  const isDoomed = spared === 0 ? '' : 'AND trace_id NOT IN (SELECT trace_id FROM spared)';
  let spans = 0;
  for (const half of halves(SPANS.name, '<', beforeMicros)) {
    spans += (await connection.run(`DELETE ${half} ${isDoomed}`)).rowsChanged;
  }
  await connection.run('DROP TABLE spared');
  return spans;
}
