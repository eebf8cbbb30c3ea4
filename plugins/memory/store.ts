import {
  bySignal,
  ChangeLog,
  type DeleteTracesArgs,
  type EventOf,
  type EventStorageStrategy,
  type ExportedSpan,
  type FeedbackEvent,
  type LastEvents,
  type LogEvent,
  type MetricEvent,
  messageOf,
  ObsError,
  ObservabilityStorage,
  type PartialResult,
  PermanentError,
  parseOptions,
  parseQuery,
  type QueryName,
  type QueryOptions,
  type QueryResults,
  type ScoreEvent,
  type Signal,
  type SpanChange,
  type StrategyHint,
} from '../../core/index.ts';
import { type EventSignal, EventTable } from './event-table.ts';
import { type MemoryOptions, memoryOptions } from './options.ts';
import type { AnswerTo, Tables } from './read/answer.ts';
import { answers } from './read/index.ts';
import { SpanTable } from './span-table.ts';

const BATCHES: StrategyHint<EventStorageStrategy> = { preferred: 'batch', supported: ['realtime', 'batch'] };

/**
 * Keeps everything in memory and answers all queries but `runSql`, by the plainest means. It stays readable after
 * `close()`, so that a test can look once it has shut down.
 */
export class MemoryStore extends ObservabilityStorage {
  /** What went since the store was made because it was full. */
  readonly dropped: Readonly<Record<Signal, number>> = bySignal(() => 0);
  /** Called with each signal the first time that some of it goes. */
  onFirstDrop: (signal: Signal) => void = () => {};
  readonly #tables: Tables;
  readonly #changes = new ChangeLog();

  /** @throws ObsError `OBS_PLUGIN_OPTIONS` that names each wrong option. */
  constructor(options: MemoryOptions = {}) {
    super();
    const { maxSpans, maxEvents } = parseOptions('MemoryStore', memoryOptions, options);
    this.#tables = {
      tracing: new SpanTable(maxSpans, (count) => this.#drop('tracing', count)),
      metrics: new EventTable<'metrics'>(maxEvents, (count) => this.#drop('metrics', count)),
      logs: new EventTable<'logs'>(maxEvents, (count) => this.#drop('logs', count)),
      scores: new EventTable<'scores'>(maxEvents, (count) => this.#drop('scores', count)),
      feedback: new EventTable<'feedback'>(maxEvents, (count) => this.#drop('feedback', count)),
    };
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

  /** @throws PermanentError for a span that cannot be stored. */
  override async createSpan({ span }: { span: ExportedSpan }): Promise<void> {
    throwRejected(this.#spans([span], false));
  }
  /** @throws PermanentError for a change that cannot be stored. */
  override async updateSpan(change: SpanChange): Promise<void> {
    throwRejected(this.#spans([changed(change)], true));
  }
  override async batchCreateSpans({ records }: { records: readonly ExportedSpan[] }): Promise<PartialResult> {
    return this.#spans(records, false);
  }
  override async batchUpdateSpans({ records }: { records: readonly SpanChange[] }): Promise<PartialResult> {
    return this.#spans(records.map(changed), true);
  }
  override async batchCreateMetrics({
    records,
  }: {
    records: readonly MetricEvent[];
  }): Promise<PartialResult> {
    return this.#events('metrics', records);
  }
  override async batchCreateLogs({ records }: { records: readonly LogEvent[] }): Promise<PartialResult> {
    return this.#events('logs', records);
  }
  override async batchCreateScores({ records }: { records: readonly ScoreEvent[] }): Promise<PartialResult> {
    return this.#events('scores', records);
  }
  override async batchCreateFeedback({
    records,
  }: {
    records: readonly FeedbackEvent[];
  }): Promise<PartialResult> {
    return this.#events('feedback', records);
  }

  override flushSync({ tracing = [], ...events }: LastEvents): boolean {
    this.#spans(
      tracing.map(({ exportedSpan }) => exportedSpan),
      true,
    );
    for (const [signal, records] of Object.entries(events))
      this.#events(signal as EventSignal, records as never);
    return true;
  }

  override async batchDeleteTraces(args: DeleteTracesArgs): Promise<void> {
    const { tracing, ...events } = this.#tables;
    for (const traceId of parseQuery('batchDeleteTraces', args).traceIds) {
      tracing.delete(traceId);
      for (const table of Object.values(events)) table.deleteTrace(traceId);
    }
    this.#changes.noteDeletion();
  }
  override async dangerouslyClearAll(): Promise<void> {
    for (const table of Object.values(this.#tables)) table.clear();
    this.#changes.noteDeletion();
  }

  protected override async query<Q extends QueryName>(
    query: Q,
    args: unknown,
    { signal }: QueryOptions = {},
  ): Promise<QueryResults[Q]> {
    signal?.throwIfAborted();
    const parsed = parseQuery(query, args);
    const answer = (answers as Partial<Record<QueryName, AnswerTo<QueryName>>>)[query];
    if (!answer) return super.query(query, args);
    return structuredClone(answer(this.#tables, parsed, this.#changes)) as QueryResults[Q];
  }

  #spans(records: readonly Partial<ExportedSpan>[], arePart: boolean): PartialResult {
    return each(records, (record) => {
      if (this.#tables.tracing.merge(record, arePart)) this.#changes.note('tracing', record.traceId!);
    });
  }

  #events<S extends EventSignal>(signal: S, records: readonly EventOf[S][]): PartialResult {
    const table = this.#tables[signal] as unknown as EventTable<S>;
    return each(records, (record) => {
      if (table.add(record)) this.#changes.note(signal, record.id);
    });
  }

  #drop(signal: Signal, count: number): void {
    const dropped = this.dropped as Record<Signal, number>;
    if (dropped[signal] === 0) this.onFirstDrop(signal);
    dropped[signal] += count;
  }
}

/** A change as the fields that it has. */
function changed(change: SpanChange | null): Partial<ExportedSpan> {
  return { ...change?.updates, traceId: change?.traceId as string, id: change?.spanId as string };
}

/** One by one, so that a bad record costs itself only. */
function each<R>(records: readonly R[], store: (record: R) => void): PartialResult {
  const rejected: { index: number; reason: string }[] = [];
  records.forEach((record, index) => {
    try {
      store(record);
    } catch (error) {
      rejected.push({ index, reason: messageOf(error) });
    }
  });
  return { rejected };
}

function throwRejected({ rejected: [first] }: PartialResult): void {
  if (!first) return;
  const cause = new ObsError('OBS_STORE_WRITE', first.reason);
  throw new PermanentError(cause.message, { cause });
}
