import type { ParsedQuery, QueryName, QueryResults } from '../../../core/index.ts';
import { getAggregate } from './aggregate.ts';
import { getBranch } from './branch.ts';
import { getBreakdown } from './breakdown.ts';
import { getChanges } from './changes.ts';
import type { ReadContext } from './context.ts';
import {
  getEntityNames,
  getEntityTypes,
  getEnvironments,
  getMetricLabelKeys,
  getMetricLabelValues,
  getMetricNames,
  getServiceNames,
  getTags,
} from './discovery.ts';
import { FEEDBACK_SOURCE, METRIC_SOURCE, SCORE_SOURCE } from './event-sources.ts';
import { getScoreById, listFeedback, listLogs, listMetrics, listScores } from './events.ts';
import { getPercentiles } from './percentiles.ts';
import { runSql } from './run-sql.ts';
import { getRootSpan, getSpan, getSpans, getTrace } from './spans.ts';
import { getStats } from './stats.ts';
import { getStructure } from './structure.ts';
import { listThreads } from './threads.ts';
import { getTimeSeries } from './time-series.ts';
import { listTraces } from './trace-list.ts';

/** A query that reads. */
export type ReadQuery = Exclude<QueryName, 'batchDeleteTraces'>;

/** How a query is answered. */
export type Read<Q extends ReadQuery> = (
  context: ReadContext,
  query: ParsedQuery<Q>,
) => Promise<QueryResults[Q]>;

/** The answer to every query. */
export const READS = {
  getSpan,
  getRootSpan,
  getTrace,
  getSpans,
  getStructure,
  getBranch,
  listTraces,
  listThreads,
  listMetrics: ({ connection }, query) => listMetrics(connection, query),
  listLogs: ({ connection }, query) => listLogs(connection, query),
  listScores: ({ connection }, query) => listScores(connection, query),
  listFeedback: ({ connection }, query) => listFeedback(connection, query),
  getScoreById: ({ connection }, query) => getScoreById(connection, query),
  getMetricAggregate: ({ connection }, query) => getAggregate(connection, METRIC_SOURCE, query),
  getMetricBreakdown: ({ connection }, query) => getBreakdown(connection, METRIC_SOURCE, query),
  getMetricTimeSeries: ({ connection }, query) => getTimeSeries(connection, METRIC_SOURCE, query),
  getMetricPercentiles: ({ connection }, query) => getPercentiles(connection, METRIC_SOURCE, query),
  getScoreAggregate: ({ connection }, query) => getAggregate(connection, SCORE_SOURCE, query),
  getScoreBreakdown: ({ connection }, query) => getBreakdown(connection, SCORE_SOURCE, query),
  getScoreTimeSeries: ({ connection }, query) => getTimeSeries(connection, SCORE_SOURCE, query),
  getScorePercentiles: ({ connection }, query) => getPercentiles(connection, SCORE_SOURCE, query),
  getFeedbackAggregate: ({ connection }, query) => getAggregate(connection, FEEDBACK_SOURCE, query),
  getFeedbackBreakdown: ({ connection }, query) => getBreakdown(connection, FEEDBACK_SOURCE, query),
  getFeedbackTimeSeries: ({ connection }, query) => getTimeSeries(connection, FEEDBACK_SOURCE, query),
  getFeedbackPercentiles: ({ connection }, query) => getPercentiles(connection, FEEDBACK_SOURCE, query),
  getEntityTypes: ({ connection }, query) => getEntityTypes(connection, query),
  getEntityNames: ({ connection }, query) => getEntityNames(connection, query),
  getServiceNames: ({ connection }, query) => getServiceNames(connection, query),
  getEnvironments: ({ connection }, query) => getEnvironments(connection, query),
  getTags: ({ connection }, query) => getTags(connection, query),
  getMetricNames: ({ connection }, query) => getMetricNames(connection, query),
  getMetricLabelKeys: ({ connection }, query) => getMetricLabelKeys(connection, query),
  getMetricLabelValues: ({ connection }, query) => getMetricLabelValues(connection, query),
  getChanges,
  getStats: ({ connection }) => getStats(connection),
  runSql: ({ connection }, query) => runSql(connection, query),
} as { [Q in ReadQuery]: Read<Q> };
