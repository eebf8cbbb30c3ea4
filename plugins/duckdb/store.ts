import {
  type CareOptions,
  type CompactReport,
  type DeleteTracesArgs,
  type EventStorageStrategy,
  type ExportedSpan,
  type FeedbackEvent,
  type HealthProblem,
  type HealthReport,
  type LastEvents,
  type LogEvent,
  type MetricEvent,
  type MigrationReport,
  ObsError,
  ObservabilityStorage,
  type PartialResult,
  PermanentError,
  type PruneReport,
  parseOptions,
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
import { lastWrites } from './last-writes.ts';
import { type DuckDBOptions, duckdbOptions } from './options.ts';
import { StoreThread } from './owner/thread.ts';

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
    const parsed = parseOptions('DuckDBStore', duckdbOptions, options);
    this.observability = new ObservabilityDuckDB(new StoreThread(parsed));
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
  override flushSync(left: LastEvents, deadlineMs: number): boolean {
    return this.#access.flushSync?.(lastWrites(left), deadlineMs) ?? false;
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

  /** What was found broken when the file was opened, and what became of it; nothing is looked at. */
  damage(): Promise<HealthProblem[]> {
    return this.#care('damage') as Promise<HealthProblem[]>;
  }

  #write(what: WriteKind, records: readonly object[]): Promise<PartialResult> {
    return this.#access.call({ kind: 'write', what, records }) as Promise<PartialResult>;
  }

  protected override async query<Q extends QueryName>(
    query: Q,
    args: unknown,
    { signal, timeoutMs = QUERY_MS }: QueryOptions = {},
  ): Promise<QueryResults[Q]> {
    const call = { kind: 'read', query, args: parseQuery(query, args), timeoutMs } as Call;
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
