import type { ScoreEvent } from '../signals/scores.ts';
import type { ExportedSpan } from '../signals/tracing.ts';
import type { AggregateResult, BreakdownResult, PercentilesResult, TimeSeriesResult } from './aggregates.ts';
import type { FeedbackPage, LogPage, MetricPage, ScorePage } from './events.ts';
import type { ThreadPage, Trace, TracePage, TraceStructure } from './traces.ts';
import type { Changes, SqlResult, StoreStats } from './whole.ts';

/** What each query gives. Null: there is no such span, trace or score. */
export interface QueryResults {
  getSpan: ExportedSpan | null;
  /** The spans that are there, by start time. */
  getSpans: Trace;
  /** The entry span. */
  getRootSpan: ExportedSpan | null;
  getTrace: Trace | null;
  getStructure: TraceStructure | null;
  getBranch: Trace | null;
  listTraces: TracePage;
  listThreads: ThreadPage;
  batchDeleteTraces: void;
  listMetrics: MetricPage;
  listLogs: LogPage;
  listScores: ScorePage;
  listFeedback: FeedbackPage;
  getScoreById: ScoreEvent | null;
  getMetricAggregate: AggregateResult;
  getMetricBreakdown: BreakdownResult;
  getMetricTimeSeries: TimeSeriesResult;
  getMetricPercentiles: PercentilesResult;
  getScoreAggregate: AggregateResult;
  getScoreBreakdown: BreakdownResult;
  getScoreTimeSeries: TimeSeriesResult;
  getScorePercentiles: PercentilesResult;
  getFeedbackAggregate: AggregateResult;
  getFeedbackBreakdown: BreakdownResult;
  getFeedbackTimeSeries: TimeSeriesResult;
  getFeedbackPercentiles: PercentilesResult;
  getEntityTypes: { entityTypes: string[] };
  getEntityNames: { names: string[] };
  getServiceNames: { serviceNames: string[] };
  getEnvironments: { environments: string[] };
  getTags: { tags: string[] };
  getMetricNames: { names: string[] };
  getMetricLabelKeys: { keys: string[] };
  getMetricLabelValues: { values: string[] };
  getStats: StoreStats;
  getChanges: Changes;
  runSql: SqlResult;
}
