import * as z from 'zod';
import type { FeedbackEvent } from '../signals/feedback.ts';
import { LOG_LEVELS, type LogEvent } from '../signals/logs.ts';
import type { MetricEvent } from '../signals/metrics.ts';
import type { ScoreEvent } from '../signals/scores.ts';
import {
  correlationFilters,
  direction,
  type PageInfo,
  pagination,
  search,
  text,
  timeRange,
} from './arguments.ts';

export interface MetricPage {
  metrics: MetricEvent[];
  pagination: PageInfo;
}
export interface LogPage {
  logs: LogEvent[];
  pagination: PageInfo;
}
export interface ScorePage {
  scores: ScoreEvent[];
  pagination: PageInfo;
}
export interface FeedbackPage {
  feedback: FeedbackEvent[];
  pagination: PageInfo;
}

/** What all events other than spans can be filtered by; of feedback `userId` is who gave it, where it says so. */
export const eventFilters = () => ({
  ...correlationFilters(),
  traceId: text().optional(),
  spanId: text().optional(),
  timestamp: timeRange().optional(),
});

/** What each signal adds to {@link eventFilters}. */
export const OWN_FILTERS = {
  metrics: () => ({
    name: text().optional(),
    metricType: z.enum(['counter', 'gauge', 'histogram']).optional(),
    /** Labels that must be equal. */
    labels: z.record(z.string(), z.string()).optional(),
  }),
  logs: () => ({
    /** One level, or several. */
    level: z.union([z.enum(LOG_LEVELS), z.array(z.enum(LOG_LEVELS))]).optional(),
    /** Text in the message or the data. */
    search: search().optional(),
  }),
  scores: () => ({
    scorerId: text().optional(),
    /** Text in the label or the reason. */
    search: search().optional(),
  }),
  feedback: () => ({
    feedbackType: text().optional(),
    /** Text in the value or the comment. */
    search: search().optional(),
  }),
};

function eventList<F extends z.ZodRawShape>(own: F) {
  return z.strictObject({
    filters: z.strictObject({ ...eventFilters(), ...own }).optional(),
    pagination: pagination().prefault({}),
    orderBy: z
      .strictObject({ field: z.literal('timestamp').default('timestamp'), direction: direction() })
      .prefault({}),
  });
}

/** The arguments of the queries about single events. */
export const EVENT_QUERIES = {
  listMetrics: () => eventList(OWN_FILTERS.metrics()),
  listLogs: () => eventList(OWN_FILTERS.logs()),
  listScores: () => eventList(OWN_FILTERS.scores()),
  listFeedback: () => eventList(OWN_FILTERS.feedback()),
  getScoreById: () => z.strictObject({ scoreId: text() }),
} as const;
