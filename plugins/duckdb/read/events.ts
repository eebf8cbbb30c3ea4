import type { DuckDBConnection } from '@duckdb/node-api';
import type {
  FeedbackEvent,
  FeedbackPage,
  LogEvent,
  LogPage,
  MetricEvent,
  MetricPage,
  ParsedQuery,
  ScoreEvent,
  ScorePage,
} from '../../../core/index.ts';
import { getEvent, listEvents } from './event-list.ts';
import { FEEDBACK_SOURCE, LOG_SOURCE, METRIC_SOURCE, SCORE_SOURCE } from './event-sources.ts';

/** One page of metrics by time. */
export async function listMetrics(
  connection: DuckDBConnection,
  query: ParsedQuery<'listMetrics'>,
): Promise<MetricPage> {
  const { records, pagination } = await listEvents(connection, METRIC_SOURCE, query);
  return { metrics: records as MetricEvent[], pagination };
}

/** One page of logs by time. */
export async function listLogs(
  connection: DuckDBConnection,
  query: ParsedQuery<'listLogs'>,
): Promise<LogPage> {
  const { records, pagination } = await listEvents(connection, LOG_SOURCE, query);
  return { logs: records as LogEvent[], pagination };
}

/** One page of scores by time. */
export async function listScores(
  connection: DuckDBConnection,
  query: ParsedQuery<'listScores'>,
): Promise<ScorePage> {
  const { records, pagination } = await listEvents(connection, SCORE_SOURCE, query);
  return { scores: records as ScoreEvent[], pagination };
}

/** One page of feedback by time. */
export async function listFeedback(
  connection: DuckDBConnection,
  query: ParsedQuery<'listFeedback'>,
): Promise<FeedbackPage> {
  const { records, pagination } = await listEvents(connection, FEEDBACK_SOURCE, query);
  return { feedback: records as FeedbackEvent[], pagination };
}

/** The score, or null. */
export function getScoreById(
  connection: DuckDBConnection,
  { scoreId }: ParsedQuery<'getScoreById'>,
): Promise<ScoreEvent | null> {
  return getEvent<ScoreEvent>(connection, SCORE_SOURCE, scoreId);
}
