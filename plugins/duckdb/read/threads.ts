import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import {
  cursorOf,
  type ParsedQuery,
  pageInfo,
  type ThreadPage,
  type ThreadSummary,
} from '../../../core/index.ts';
import { MEASURES, type TraceTotals } from './add-up.ts';
import type { ReadContext } from './context.ts';
import { selectEntries } from './entries.ts';
import { lookAheadSql, type OrderColumns, startAfter } from './page.ts';
import { rowsOf } from './rows-of.ts';
import { totalsOf } from './trace-totals.ts';
import { Where } from './where.ts';

type Query = ParsedQuery<'listThreads'>;

const ORDER: OrderColumns = { time: 'last_at', id: 'thread_id' };

/** A thread before the spans of its traces are looked at. */
interface Thread {
  threadId: string;
  userId: string | null;
  resourceId: string | null;
  firstMicro: number;
  lastMicro: number;
  traceIds: string[];
}

/** One page of threads, each with all of its traces, and their exact number. In one trace all filters must hold. */
export async function listThreads(
  { connection, oddTraces }: ReadContext,
  { filters, pagination, orderBy }: Query,
): Promise<ThreadPage> {
  const odd = await oddTraces.in(connection);
  const values: DuckDBValue[] = [];
  const threads = threadsSql(odd, filters, values);
  const [total] = await rowsOf(connection, `${threads} SELECT count(*) FROM threads`, values);
  const isBehind = startAfter(new Where(values), ORDER, pagination.after, orderBy).sql;
  const page = `${threads}
    SELECT thread_id, newest.user_id, newest.resource_id,
      CAST(epoch_us(first_at) AS DOUBLE), CAST(epoch_us(last_at) AS DOUBLE), trace_ids
    FROM threads WHERE ${isBehind}
    ORDER BY last_at ${orderBy.direction}, thread_id ${orderBy.direction} ${lookAheadSql(pagination)}`;
  const rows = await rowsOf(connection, page, values);
  const found = rows.slice(0, pagination.perPage).map(threadOf);
  const last = rows.length > pagination.perPage ? found.at(-1) : undefined;
  return {
    threads: await summariesOf(connection, found),
    pagination: pageInfo(
      pagination,
      Number(total?.[0]),
      last && cursorOf([last.lastMicro, last.threadId], orderBy),
    ),
  };
}

/** The beginning of a query: the entry spans of traces with a thread, grouped by it. */
function threadsSql(
  odd: ReadonlySet<string> | undefined,
  filters: Query['filters'] = {},
  values: DuckDBValue[],
): string {
  const conditions = (values: DuckDBValue[]): string =>
    new Where(values).add('s.thread_id IS NOT NULL').equal('s.thread_id', filters.threadId).sql;
  const isMatch = new Where(values)
    .equal('s.user_id', filters.userId)
    .equal('s.resource_id', filters.resourceId)
    .equal('s.environment', filters.environment)
    .equal('s.service_name', filters.serviceName)
    .within('s.started_at', filters.startedAt).sql;
  const columns = `s.thread_id, s.trace_id, s.started_at, s.user_id, s.resource_id, ${isMatch} AS is_match`;
  const selects = selectEntries(odd, columns, conditions, values);
  const parts = [selects.plain, selects.odd].filter(Boolean).join(' UNION ALL ');
  return `${selects.with ? `${selects.with},` : 'WITH'} threads AS (
    SELECT thread_id, min(started_at) AS first_at, max(started_at) AS last_at, list(trace_id) AS trace_ids,
      arg_max({user_id: user_id, resource_id: resource_id}, (started_at, trace_id)) AS newest
    FROM (${parts}) GROUP BY thread_id HAVING bool_or(is_match)
  )`;
}

function threadOf([threadId, userId, resourceId, firstMicro, lastMicro, traceIds]: DuckDBValue[]): Thread {
  return {
    threadId: threadId as string,
    userId: userId as string | null,
    resourceId: resourceId as string | null,
    firstMicro: firstMicro as number,
    lastMicro: lastMicro as number,
    traceIds: [...(traceIds as { items: string[] }).items],
  };
}

async function summariesOf(
  connection: DuckDBConnection,
  threads: readonly Thread[],
): Promise<ThreadSummary[]> {
  const totals = await totalsOf(
    connection,
    threads.flatMap(({ traceIds }) => traceIds),
  );
  return threads.map(({ threadId, userId, resourceId, firstMicro, lastMicro, traceIds }) => ({
    threadId,
    ...(userId !== null && { userId }),
    ...(resourceId !== null && { resourceId }),
    turns: traceIds.length,
    ...sumOf(traceIds.map((traceId) => totals.get(traceId)!)),
    firstAt: new Date(firstMicro / 1000),
    lastAt: new Date(lastMicro / 1000),
  }));
}

function sumOf(totals: readonly TraceTotals[]): TraceTotals {
  const sum: TraceTotals = { spanCount: 0, errorCount: 0, runningCount: 0 };
  for (const one of totals) {
    sum.spanCount += one.spanCount;
    sum.errorCount += one.errorCount;
    sum.runningCount += one.runningCount;
    for (const measure of MEASURES) {
      const amount = one[measure];
      if (amount !== undefined) sum[measure] = (sum[measure] ?? 0) + amount;
    }
  }
  return sum;
}
