import { statSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { SIGNALS, type Signal, type SignalStats, type StoreStats } from '../../../core/index.ts';
import { FEEDBACK, LOGS, METRICS, SCORES, SPANS, type Table } from '../file/columns.ts';
import { CATALOG } from '../file/schema.ts';
import { dateOf } from './date-of.ts';
import { rowsOf } from './rows-of.ts';

const TABLES: Readonly<Record<Signal, Table>> = {
  tracing: SPANS,
  metrics: METRICS,
  logs: LOGS,
  scores: SCORES,
  feedback: FEEDBACK,
};

/** How much is stored. */
export async function getStats(connection: DuckDBConnection): Promise<StoreStats> {
  const signals: SignalStats[] = [];
  for (const signal of SIGNALS) signals.push(await signalStats(connection, signal));
  const [traces] = await rowsOf(connection, `SELECT count(DISTINCT trace_id) FROM ${SPANS.name}`, []);
  return { signals, traces: Number(traces?.[0]), bytes: await bytesOnDisk(connection) };
}

async function signalStats(connection: DuckDBConnection, signal: Signal): Promise<SignalStats> {
  const { name, columns } = TABLES[signal];
  const time = columns.find(({ kind }) => kind === 'time')!.name;
  const sql = `SELECT count(*), min("${time}"), max("${time}") FROM ${name}`;
  const [records, oldest, newest] = (await rowsOf(connection, sql, []))[0]!;
  return {
    signal,
    records: Number(records),
    ...(oldest && newest && { oldest: dateOf(oldest), newest: dateOf(newest) }),
  };
}

/** The database and its log; 0 in memory. */
async function bytesOnDisk(connection: DuckDBConnection): Promise<number> {
  const sql = 'SELECT path FROM duckdb_databases() WHERE database_name = $1';
  const path = (await rowsOf(connection, sql, [CATALOG]))[0]?.[0];
  if (typeof path !== 'string') return 0;
  const sizes = [path, `${path}.wal`].map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}
