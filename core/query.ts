import * as z from 'zod';
import { ObsError } from './errors.ts';
import type { FeedbackEvent } from './signals/feedback.ts';
import { LOG_LEVELS, type LogEvent } from './signals/logs.ts';
import type { MetricEvent } from './signals/metrics.ts';
import type { ScoreEvent } from './signals/scores.ts';
import { CORRELATION_KEYS, type ExportedSpan } from './signals/tracing.ts';

/** All spans of one trace, by start time. */
export interface Trace {
  traceId: string;
  spans: ExportedSpan[];
}

/** Where a page lies in the whole list. `total` is exact. */
export interface PageInfo {
  total: number;
  page: number;
  perPage: number;
  hasMore: boolean;
}

/** A trace in a list: its entry span, and what the list shows about the rest of it. */
export interface TraceSummary extends ExportedSpan {
  /** True when any other span of the trace has status `error`. */
  hasChildError: boolean;
  spanCount: number;
  errorCount: number;
  /** Sums over the model calls of the trace (outermost spans with usage); absent when none reported any. */
  inputTokens?: number;
  outputTokens?: number;
  /** In the currency reported, normally USD. */
  cost?: number;
}

export interface TracePage {
  spans: TraceSummary[];
  pagination: PageInfo;
}
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

const text = z.string().min(1);
const traceId = text;
const spanId = text;
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const timeRange = z.strictObject({
  start: z.date().optional(),
  end: z.date().optional(),
  /** Default: false; `start` itself is included. */
  startExclusive: z.boolean().optional(),
  /** Default: false; `end` itself is included. */
  endExclusive: z.boolean().optional(),
});

const pagination = z.strictObject({
  page: z.int().min(0).default(0),
  perPage: z.int().min(1).max(1000).default(10),
});

const direction = z.enum(['ASC', 'DESC']).default('DESC');

const correlationFilters = Object.fromEntries(
  CORRELATION_KEYS.map((key) => [key, text.optional()]),
) as Record<(typeof CORRELATION_KEYS)[number], z.ZodOptional<z.ZodString>>;

const traceFilters = z.strictObject({
  ...correlationFilters,
  traceId: traceId.optional(),
  /** The beginning of the trace id. */
  traceIdPrefix: text.optional(),
  startedAt: timeRange.optional(),
  endedAt: timeRange.optional(),
  type: text.optional(),
  name: text.optional(),
  status: z.enum(['running', 'ok', 'error']).optional(),
  /** All of these tags. */
  tags: z.array(text).optional(),
  /** Top-level metadata entries that must be equal. */
  metadata: z.record(z.string(), scalar).optional(),
  /** True: only traces in which a span other than the entry span failed. False: only the others. */
  hasChildError: z.boolean().optional(),
});

const eventFilters = {
  ...correlationFilters,
  traceId: traceId.optional(),
  spanId: spanId.optional(),
  timestamp: timeRange.optional(),
};

const eventOrder = z
  .strictObject({ field: z.literal('timestamp').default('timestamp'), direction })
  .prefault({});

function eventList<F extends z.ZodRawShape>(own: F) {
  return z.strictObject({
    filters: z.strictObject({ ...eventFilters, ...own }).optional(),
    pagination: pagination.prefault({}),
    orderBy: eventOrder,
  });
}

/** The arguments of every query, as schemas: a store checks them with {@link parseQuery}. */
export const QUERY_SCHEMAS = {
  getSpan: z.strictObject({ traceId, spanId }),
  getRootSpan: z.strictObject({ traceId }),
  getTrace: z.strictObject({ traceId }),
  /** Filters are about the entry span of a trace, apart from `hasChildError`. */
  listTraces: z.strictObject({
    filters: traceFilters.optional(),
    pagination: pagination.prefault({}),
    orderBy: z
      .strictObject({ field: z.enum(['startedAt', 'endedAt']).default('startedAt'), direction })
      .prefault({}),
  }),
  listMetrics: eventList({
    name: text.optional(),
    metricType: z.enum(['counter', 'gauge', 'histogram']).optional(),
    /** Labels that must be equal. */
    labels: z.record(z.string(), z.string()).optional(),
  }),
  listLogs: eventList({
    /** One level, or several. */
    level: z.union([z.enum(LOG_LEVELS), z.array(z.enum(LOG_LEVELS))]).optional(),
  }),
  listScores: eventList({ scorerId: text.optional() }),
  listFeedback: eventList({ feedbackType: text.optional() }),
  batchDeleteTraces: z.strictObject({ traceIds: z.array(traceId).max(1000) }),
} as const;

/** The name of a query. */
export type QueryName = keyof typeof QUERY_SCHEMAS;
/** The arguments of a query as callers write them. */
export type QueryArgs<Q extends QueryName> = z.input<(typeof QUERY_SCHEMAS)[Q]>;
/** The arguments of a query with all defaults filled in. */
export type ParsedQuery<Q extends QueryName> = z.output<(typeof QUERY_SCHEMAS)[Q]>;

export type SpanAddress = QueryArgs<'getSpan'>;
export type TraceAddress = QueryArgs<'getTrace'>;
export type ListTracesArgs = QueryArgs<'listTraces'>;
export type ListMetricsArgs = QueryArgs<'listMetrics'>;
export type ListLogsArgs = QueryArgs<'listLogs'>;
export type ListScoresArgs = QueryArgs<'listScores'>;
export type ListFeedbackArgs = QueryArgs<'listFeedback'>;
export type DeleteTracesArgs = QueryArgs<'batchDeleteTraces'>;

/**
 * Checks the arguments of a query and fills in defaults.
 * @throws ObsError `OBS_STORE_QUERY` that names each wrong or unknown argument.
 */
export function parseQuery<Q extends QueryName>(query: Q, args: unknown): ParsedQuery<Q> {
  const parsed = QUERY_SCHEMAS[query].safeParse(args ?? {});
  if (parsed.success) return parsed.data as ParsedQuery<Q>;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`,
  );
  throw new ObsError('OBS_STORE_QUERY', `${query}(): ${problems.join('; ')}`);
}
