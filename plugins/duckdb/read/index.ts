import type { DuckDBConnection } from '@duckdb/node-api';
import type { ParsedQuery, QueryName, QueryResults } from '../../../core/index.ts';
import type { ChangeLog } from './change-log.ts';
import { listFeedback, listLogs, listMetrics, listScores } from './events.ts';
import type { OddTraces } from './odd-traces.ts';
import { getRootSpan, getSpan, getTrace } from './spans.ts';
import { listTraces } from './trace-list.ts';

/** What a read may look at. */
export interface ReadContext {
  /** In a transaction that reads one snapshot. */
  connection: DuckDBConnection;
  oddTraces: OddTraces;
  changes: ChangeLog;
}

/** A query that reads. */
export type ReadQuery = Exclude<QueryName, 'batchDeleteTraces'>;

/** How a query is answered. */
export type Read<Q extends ReadQuery> = (
  context: ReadContext,
  query: ParsedQuery<Q>,
) => Promise<QueryResults[Q]>;

/** The answer to every query. */
export const READS = {
  getSpan: ({ connection }, query) => getSpan(connection, query),
  getRootSpan: ({ connection }, query) => getRootSpan(connection, query),
  getTrace: ({ connection }, query) => getTrace(connection, query),
  listTraces: ({ connection }, query) => listTraces(connection, query),
  listMetrics: ({ connection }, query) => listMetrics(connection, query),
  listLogs: ({ connection }, query) => listLogs(connection, query),
  listScores: ({ connection }, query) => listScores(connection, query),
  listFeedback: ({ connection }, query) => listFeedback(connection, query),
} as { [Q in ReadQuery]: Read<Q> };
