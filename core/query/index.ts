import type * as z from 'zod';
import { ObsError } from '../errors.ts';
import { AGGREGATE_QUERIES } from './aggregates.ts';
import type { QueryOptions } from './arguments.ts';
import { DISCOVERY_QUERIES } from './discovery.ts';
import { EVENT_QUERIES } from './events.ts';
import type { QueryResults } from './results.ts';
import { TRACE_QUERIES } from './traces.ts';
import { WHOLE_QUERIES } from './whole.ts';

export * from './aggregates.ts';
export type { PageInfo, QueryOptions } from './arguments.ts';
export { cursorOf, type ListOrder, type PageRequest, type Place, pageInfo, placeOf } from './cursor.ts';
export type { FeedbackPage, LogPage, MetricPage, ScorePage } from './events.ts';
export type { QueryResults } from './results.ts';
export type {
  ThreadPage,
  ThreadSummary,
  Trace,
  TracePage,
  TraceStructure,
  TraceSummary,
} from './traces.ts';
export type { Changes, SignalStats, SqlResult, StoreStats } from './whole.ts';

/** Makes the schema of the arguments, for each query. */
const QUERIES = {
  ...TRACE_QUERIES,
  ...EVENT_QUERIES,
  ...AGGREGATE_QUERIES,
  ...DISCOVERY_QUERIES,
  ...WHOLE_QUERIES,
} as const;

/** The name of a query. */
export type QueryName = keyof typeof QUERIES;
type QuerySchema<Q extends QueryName> = ReturnType<(typeof QUERIES)[Q]>;
/** The arguments of a query as callers write them. */
export type QueryArgs<Q extends QueryName> = z.input<QuerySchema<Q>>;
/** The arguments of a query with all defaults filled in. */
export type ParsedQuery<Q extends QueryName> = z.output<QuerySchema<Q>>;

/** The parameters of a query method of a store. */
export type Ask<Q extends QueryName> =
  Record<never, never> extends QueryArgs<Q>
    ? [args?: QueryArgs<Q>, options?: QueryOptions]
    : [args: QueryArgs<Q>, options?: QueryOptions];
/** What a query method of a store returns. */
export type Answer<Q extends QueryName> = Promise<QueryResults[Q]>;

export type SpanAddress = QueryArgs<'getSpan'>;
export type TraceAddress = QueryArgs<'getTrace'>;
export type ListTracesArgs = QueryArgs<'listTraces'>;
export type ListThreadsArgs = QueryArgs<'listThreads'>;
export type ListMetricsArgs = QueryArgs<'listMetrics'>;
export type ListLogsArgs = QueryArgs<'listLogs'>;
export type ListScoresArgs = QueryArgs<'listScores'>;
export type ListFeedbackArgs = QueryArgs<'listFeedback'>;
export type DeleteTracesArgs = QueryArgs<'batchDeleteTraces'>;

const made = new Map<QueryName, z.ZodType>();

/** The schema of the arguments of a query, made when it is first asked for. A store checks them with {@link parseQuery}. */
export function querySchema<Q extends QueryName>(query: Q): QuerySchema<Q> {
  const schema = made.get(query) ?? QUERIES[query]();
  made.set(query, schema);
  return schema as QuerySchema<Q>;
}

/**
 * Checks the arguments of a query and fills in defaults.
 * @throws ObsError `OBS_STORE_QUERY` that names each wrong or unknown argument.
 */
export function parseQuery<Q extends QueryName>(query: Q, args: unknown): ParsedQuery<Q> {
  const parsed = querySchema(query).safeParse(args ?? {});
  if (parsed.success) return parsed.data as ParsedQuery<Q>;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`,
  );
  throw new ObsError('OBS_STORE_QUERY', `${query}(): ${problems.join('; ')}`);
}
