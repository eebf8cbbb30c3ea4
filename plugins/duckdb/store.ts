import {
  type Answer,
  type Ask,
  type CareOptions,
  type CompactReport,
  type DeleteTracesArgs,
  type EventStorageStrategy,
  type ExportedSpan,
  type FeedbackEvent,
  type HealthReport,
  type LogEvent,
  type MetricEvent,
  type MigrationReport,
  ObsError,
  ObservabilityStorage,
  type PartialResult,
  PermanentError,
  type PruneReport,
  parseQuery,
  type QueryName,
  type QueryOptions,
  type QueryResults,
  type ScoreEvent,
  type SpanChange,
  type StrategyHint,
  type TracingStorageStrategy,
} from '../../core/index.ts';
import type { Access, Call, CareTask, WriteKind } from './access.ts';
import { type DuckDBOptions, duckdbOptions } from './options.ts';
import { Keeper } from './owner/keeper.ts';

/** Milliseconds that a query may take when its caller does not say. */
const QUERY_MS = 30_000;

const BATCHES: StrategyHint<EventStorageStrategy> = {
  preferred: 'batch',
  supported: ['realtime', 'batch'],
  isPipelined: true,
};
const SPANS: StrategyHint<TracingStorageStrategy> = {
  preferred: 'batch-with-updates',
  supported: ['realtime', 'batch-with-updates', 'insert-only'],
  isPipelined: true,
};

/**
 * A DuckDB database. `:memory:` is a path too; a relative path starts at the working directory.
 * Its `observability` is what a plugin registers and what answers queries.
 */
export class DuckDBStore {
  readonly observability: ObservabilityDuckDB;

  /** @throws ObsError `OBS_PLUGIN_OPTIONS` that names each wrong option. */
  constructor(options: DuckDBOptions = {}) {
    const parsed = duckdbOptions.safeParse(options);
    if (!parsed.success) {
      const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      throw new ObsError('OBS_PLUGIN_OPTIONS', `DuckDBStore: ${problems.join('; ')}`);
    }
    this.observability = new ObservabilityDuckDB(new Keeper(parsed.data));
  }

  /** Opens the database; safe to repeat, also after a failure. @throws ObsError that says why it cannot be opened. */
  init(): Promise<void> {
    return this.observability.init();
  }

  /** Closes the database after all that was asked before; safe to repeat. */
  close(): Promise<void> {
    return this.observability.close();
  }
}

/** The observability part of a {@link DuckDBStore}: all five signals, written and read. */
export class ObservabilityDuckDB extends ObservabilityStorage {
  readonly #access: Access;

  constructor(access: Access) {
    super();
    this.#access = access;
  }

  override get tracingStrategy(): StrategyHint<TracingStorageStrategy> {
    return SPANS;
  }
  override get metricsStrategy(): StrategyHint<EventStorageStrategy> {
    return BATCHES;
  }
  override get logsStrategy(): StrategyHint<EventStorageStrategy> {
    return BATCHES;
  }
  override get scoresStrategy(): StrategyHint<EventStorageStrategy> {
    return BATCHES;
  }
  override get feedbackStrategy(): StrategyHint<EventStorageStrategy> {
    return BATCHES;
  }

  override init(): Promise<void> {
    return this.#access.open();
  }
  override close(): Promise<void> {
    return this.#access.close();
  }

  /** @throws PermanentError for a span that cannot be stored. */
  override async createSpan({ span }: { span: ExportedSpan }): Promise<void> {
    throwRejected(await this.batchCreateSpans({ records: [span] }));
  }
  /** @throws PermanentError for a change that cannot be stored. */
  override async updateSpan(change: SpanChange): Promise<void> {
    throwRejected(await this.batchUpdateSpans({ records: [change] }));
  }
  override batchCreateSpans({ records }: { records: readonly ExportedSpan[] }): Promise<PartialResult> {
    return this.#write('spans', records);
  }
  override batchUpdateSpans({ records }: { records: readonly SpanChange[] }): Promise<PartialResult> {
    return this.#write('changes', records);
  }
  override batchCreateMetrics({ records }: { records: readonly MetricEvent[] }): Promise<PartialResult> {
    return this.#write('metrics', records);
  }
  override batchCreateLogs({ records }: { records: readonly LogEvent[] }): Promise<PartialResult> {
    return this.#write('logs', records);
  }
  override batchCreateScores({ records }: { records: readonly ScoreEvent[] }): Promise<PartialResult> {
    return this.#write('scores', records);
  }
  override batchCreateFeedback({ records }: { records: readonly FeedbackEvent[] }): Promise<PartialResult> {
    return this.#write('feedback', records);
  }

  override getSpan(...[args, options]: Ask<'getSpan'>): Answer<'getSpan'> {
    return this.#read('getSpan', args, options);
  }
  override getSpans(...[args, options]: Ask<'getSpans'>): Answer<'getSpans'> {
    return this.#read('getSpans', args, options);
  }
  override getRootSpan(...[args, options]: Ask<'getRootSpan'>): Answer<'getRootSpan'> {
    return this.#read('getRootSpan', args, options);
  }
  override getTrace(...[args, options]: Ask<'getTrace'>): Answer<'getTrace'> {
    return this.#read('getTrace', args, options);
  }
  override getStructure(...[args, options]: Ask<'getStructure'>): Answer<'getStructure'> {
    return this.#read('getStructure', args, options);
  }
  override getBranch(...[args, options]: Ask<'getBranch'>): Answer<'getBranch'> {
    return this.#read('getBranch', args, options);
  }
  override listTraces(...[args, options]: Ask<'listTraces'>): Answer<'listTraces'> {
    return this.#read('listTraces', args, options);
  }
  override listThreads(...[args, options]: Ask<'listThreads'>): Answer<'listThreads'> {
    return this.#read('listThreads', args, options);
  }
  override listMetrics(...[args, options]: Ask<'listMetrics'>): Answer<'listMetrics'> {
    return this.#read('listMetrics', args, options);
  }
  override listLogs(...[args, options]: Ask<'listLogs'>): Answer<'listLogs'> {
    return this.#read('listLogs', args, options);
  }
  override listScores(...[args, options]: Ask<'listScores'>): Answer<'listScores'> {
    return this.#read('listScores', args, options);
  }
  override listFeedback(...[args, options]: Ask<'listFeedback'>): Answer<'listFeedback'> {
    return this.#read('listFeedback', args, options);
  }
  override getScoreById(...[args, options]: Ask<'getScoreById'>): Answer<'getScoreById'> {
    return this.#read('getScoreById', args, options);
  }
  override getMetricAggregate(...[args, options]: Ask<'getMetricAggregate'>): Answer<'getMetricAggregate'> {
    return this.#read('getMetricAggregate', args, options);
  }
  override getMetricBreakdown(...[args, options]: Ask<'getMetricBreakdown'>): Answer<'getMetricBreakdown'> {
    return this.#read('getMetricBreakdown', args, options);
  }
  override getMetricTimeSeries(
    ...[args, options]: Ask<'getMetricTimeSeries'>
  ): Answer<'getMetricTimeSeries'> {
    return this.#read('getMetricTimeSeries', args, options);
  }
  override getMetricPercentiles(
    ...[args, options]: Ask<'getMetricPercentiles'>
  ): Answer<'getMetricPercentiles'> {
    return this.#read('getMetricPercentiles', args, options);
  }
  override getScoreAggregate(...[args, options]: Ask<'getScoreAggregate'>): Answer<'getScoreAggregate'> {
    return this.#read('getScoreAggregate', args, options);
  }
  override getScoreBreakdown(...[args, options]: Ask<'getScoreBreakdown'>): Answer<'getScoreBreakdown'> {
    return this.#read('getScoreBreakdown', args, options);
  }
  override getScoreTimeSeries(...[args, options]: Ask<'getScoreTimeSeries'>): Answer<'getScoreTimeSeries'> {
    return this.#read('getScoreTimeSeries', args, options);
  }
  override getScorePercentiles(
    ...[args, options]: Ask<'getScorePercentiles'>
  ): Answer<'getScorePercentiles'> {
    return this.#read('getScorePercentiles', args, options);
  }
  override getFeedbackAggregate(
    ...[args, options]: Ask<'getFeedbackAggregate'>
  ): Answer<'getFeedbackAggregate'> {
    return this.#read('getFeedbackAggregate', args, options);
  }
  override getFeedbackBreakdown(
    ...[args, options]: Ask<'getFeedbackBreakdown'>
  ): Answer<'getFeedbackBreakdown'> {
    return this.#read('getFeedbackBreakdown', args, options);
  }
  override getFeedbackTimeSeries(
    ...[args, options]: Ask<'getFeedbackTimeSeries'>
  ): Answer<'getFeedbackTimeSeries'> {
    return this.#read('getFeedbackTimeSeries', args, options);
  }
  override getFeedbackPercentiles(
    ...[args, options]: Ask<'getFeedbackPercentiles'>
  ): Answer<'getFeedbackPercentiles'> {
    return this.#read('getFeedbackPercentiles', args, options);
  }
  override getEntityTypes(...[args, options]: Ask<'getEntityTypes'>): Answer<'getEntityTypes'> {
    return this.#read('getEntityTypes', args, options);
  }
  override getEntityNames(...[args, options]: Ask<'getEntityNames'>): Answer<'getEntityNames'> {
    return this.#read('getEntityNames', args, options);
  }
  override getServiceNames(...[args, options]: Ask<'getServiceNames'>): Answer<'getServiceNames'> {
    return this.#read('getServiceNames', args, options);
  }
  override getEnvironments(...[args, options]: Ask<'getEnvironments'>): Answer<'getEnvironments'> {
    return this.#read('getEnvironments', args, options);
  }
  override getTags(...[args, options]: Ask<'getTags'>): Answer<'getTags'> {
    return this.#read('getTags', args, options);
  }
  override getMetricNames(...[args, options]: Ask<'getMetricNames'>): Answer<'getMetricNames'> {
    return this.#read('getMetricNames', args, options);
  }
  override getMetricLabelKeys(...[args, options]: Ask<'getMetricLabelKeys'>): Answer<'getMetricLabelKeys'> {
    return this.#read('getMetricLabelKeys', args, options);
  }
  override getMetricLabelValues(
    ...[args, options]: Ask<'getMetricLabelValues'>
  ): Answer<'getMetricLabelValues'> {
    return this.#read('getMetricLabelValues', args, options);
  }
  override getStats(...[args, options]: Ask<'getStats'>): Answer<'getStats'> {
    return this.#read('getStats', args, options);
  }
  override getChanges(...[args, options]: Ask<'getChanges'>): Answer<'getChanges'> {
    return this.#read('getChanges', args, options);
  }
  override runSql(...[args, options]: Ask<'runSql'>): Answer<'runSql'> {
    return this.#read('runSql', args, options);
  }

  override async batchDeleteTraces(args: DeleteTracesArgs): Promise<void> {
    const { traceIds } = parseQuery('batchDeleteTraces', args);
    await this.#access.call({ kind: 'delete', traceIds });
  }
  override async dangerouslyClearAll(): Promise<void> {
    await this.#access.call({ kind: 'clear' });
  }

  override prune(args?: { dryRun?: boolean }, options?: CareOptions): Promise<PruneReport> {
    return this.#care('prune', args, options) as Promise<PruneReport>;
  }
  override compact(options?: CareOptions): Promise<CompactReport> {
    return this.#care('compact', {}, options) as Promise<CompactReport>;
  }
  override migrate(args?: { dryRun?: boolean }, options?: CareOptions): Promise<MigrationReport> {
    return this.#care('migrate', args, options) as Promise<MigrationReport>;
  }
  override inspect(options?: CareOptions): Promise<HealthReport> {
    return this.#care('inspect', {}, options) as Promise<HealthReport>;
  }

  #write(what: WriteKind, records: readonly object[]): Promise<PartialResult> {
    return this.#access.call({ kind: 'write', what, records }) as Promise<PartialResult>;
  }

  async #read<Q extends Exclude<QueryName, 'batchDeleteTraces'>>(
    query: Q,
    args: unknown,
    { signal, timeoutMs = QUERY_MS }: QueryOptions = {},
  ): Promise<QueryResults[Q]> {
    const call: Call = { kind: 'read', query, args: parseQuery(query, args), timeoutMs };
    return (await this.#access.call(call, { signal })) as QueryResults[Q];
  }

  #care(task: CareTask, args: { dryRun?: boolean } = {}, options: CareOptions = {}): Promise<unknown> {
    return this.#access.call({ kind: 'care', task, args }, options);
  }
}

function throwRejected({ rejected: [first] }: PartialResult): void {
  if (!first) return;
  const cause = new ObsError('OBS_STORE_WRITE', first.reason);
  throw new PermanentError(cause.message, { cause });
}
