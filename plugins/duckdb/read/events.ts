import type { DuckDBConnection } from '@duckdb/node-api';
import type {
  FeedbackEvent,
  FeedbackPage,
  LogEvent,
  LogPage,
  MetricEvent,
  MetricPage,
  PageInfo,
  ParsedQuery,
  ScoreEvent,
  ScorePage,
} from '../../../core/index.ts';
import { FEEDBACK, LOGS, METRICS, SCORES, type Table } from '../file/columns.ts';
import { fromRow, fromValues } from '../file/rows.ts';
import { limitSql, pageInfo } from './page.ts';
import { columnsSql, rowsOf } from './spans.ts';
import { eventBelongsTo, Where } from './where.ts';

type EventQuery = ParsedQuery<'listMetrics' | 'listLogs' | 'listScores' | 'listFeedback'>;

/** One page of metrics by time. */
export async function listMetrics(
  connection: DuckDBConnection,
  query: ParsedQuery<'listMetrics'>,
): Promise<MetricPage> {
  const { name, metricType, labels } = query.filters ?? {};
  const where = eventWhere(query)
    .equal('s.name', name)
    .equal('s.metric_type', metricType)
    .entries('s.labels', labels);
  const { records, pagination } = await listEvents<MetricEvent>(connection, METRICS, where, query);
  return { metrics: records, pagination };
}

/** One page of logs by time. */
export async function listLogs(
  connection: DuckDBConnection,
  query: ParsedQuery<'listLogs'>,
): Promise<LogPage> {
  const where = eventWhere(query).oneOf('s.level', query.filters?.level);
  const { records, pagination } = await listEvents<LogEvent>(connection, LOGS, where, query);
  return { logs: records, pagination };
}

/** One page of scores by time. */
export async function listScores(
  connection: DuckDBConnection,
  query: ParsedQuery<'listScores'>,
): Promise<ScorePage> {
  const where = eventWhere(query).equal('s.scorer_id', query.filters?.scorerId);
  const { records, pagination } = await listEvents<ScoreEvent>(connection, SCORES, where, query);
  return { scores: records, pagination };
}

/** One page of feedback by time. */
export async function listFeedback(
  connection: DuckDBConnection,
  query: ParsedQuery<'listFeedback'>,
): Promise<FeedbackPage> {
  const where = eventWhere(query).equal('s.feedback_type', query.filters?.feedbackType);
  const { records, pagination } = await listEvents<FeedbackEvent>(connection, FEEDBACK, where, query);
  return { feedback: records, pagination };
}

function eventWhere({ filters = {} }: EventQuery): Where {
  return eventBelongsTo(new Where(), filters)
    .equal('s.trace_id', filters.traceId)
    .equal('s.span_id', filters.spanId)
    .within('s."timestamp"', filters.timestamp);
}

/** One page of the events of a table by time, and their exact number. */
async function listEvents<R>(
  connection: DuckDBConnection,
  table: Table,
  where: Where,
  { pagination, orderBy: { direction } }: EventQuery,
): Promise<{ records: R[]; pagination: PageInfo }> {
  const from = `FROM ${table.name} s WHERE ${where.sql}`;
  const order = `s."timestamp" ${direction}, s.id ${direction}`;
  const [count] = await rowsOf(connection, `SELECT count(*) ${from}`, where.values);
  // The page is found by its row ids first: a far page would otherwise hold all the payloads before it in memory.
  const page = `
    SELECT ${columnsSql(table)} FROM ${table.name} s
    WHERE s.rowid IN (SELECT s.rowid ${from} ORDER BY ${order} ${limitSql(pagination)})
    ORDER BY ${order}`;
  const rows = await rowsOf(connection, page, where.values);
  return {
    records: rows.map((row) => fromRow<R>(table, fromValues(table, row))),
    pagination: pageInfo(pagination, Number(count?.[0])),
  };
}
