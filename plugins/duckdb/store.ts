import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type DeleteTracesArgs,
  type EventStorageStrategy,
  type ExportedSpan,
  type FeedbackEvent,
  type FeedbackPage,
  type ListFeedbackArgs,
  type ListLogsArgs,
  type ListMetricsArgs,
  type ListScoresArgs,
  type ListTracesArgs,
  type LogEvent,
  type LogPage,
  type MetricEvent,
  type MetricPage,
  ObsError,
  ObservabilityStorage,
  type PartialResult,
  PermanentError,
  parseQuery,
  type ScoreEvent,
  type ScorePage,
  type SpanAddress,
  type SpanChange,
  type StrategyHint,
  type Trace,
  type TraceAddress,
  type TracePage,
} from '../../core/index.ts';
import { FEEDBACK, LOGS, METRICS, SCORES, SPANS, type Table } from './columns.ts';
import { Database } from './database.ts';
import { changeRow, encode, wholeRow } from './encode.ts';
import { listFeedback, listLogs, listMetrics, listScores } from './event-reader.ts';
import { type DuckDBOptions, duckdbOptions } from './options.ts';
import { getRootSpan, getSpan, getTrace } from './reader.ts';
import type { Row } from './rows.ts';
import { listTraces } from './trace-list.ts';
import { deleteAll, deleteTraces, saveEvents, saveSpans } from './writer.ts';

/** Records of one transaction. A longer batch is several, so that none takes the store for long. */
const RECORDS_PER_TRANSACTION = 1_000;

const BATCHES: StrategyHint<EventStorageStrategy> = { preferred: 'batch', supported: ['realtime', 'batch'] };

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
    this.observability = new ObservabilityDuckDB(new Database(parsed.data));
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
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
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
    return this.#database.open();
  }
  override close(): Promise<void> {
    return this.#database.close();
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
    return this.#save(records, wholeRow.bind(null, SPANS), saveSpans);
  }
  override batchUpdateSpans({ records }: { records: readonly SpanChange[] }): Promise<PartialResult> {
    return this.#save(records, changeRow, saveSpans);
  }
  override batchCreateMetrics({ records }: { records: readonly MetricEvent[] }): Promise<PartialResult> {
    return this.#saveEvents(METRICS, records);
  }
  override batchCreateLogs({ records }: { records: readonly LogEvent[] }): Promise<PartialResult> {
    return this.#saveEvents(LOGS, records);
  }
  override batchCreateScores({ records }: { records: readonly ScoreEvent[] }): Promise<PartialResult> {
    return this.#saveEvents(SCORES, records);
  }
  override batchCreateFeedback({ records }: { records: readonly FeedbackEvent[] }): Promise<PartialResult> {
    return this.#saveEvents(FEEDBACK, records);
  }

  override async getSpan(args: SpanAddress): Promise<ExportedSpan | null> {
    const query = parseQuery('getSpan', args);
    return this.#database.read((connection) => getSpan(connection, query));
  }
  override async getRootSpan(args: TraceAddress): Promise<ExportedSpan | null> {
    const query = parseQuery('getRootSpan', args);
    return this.#database.read((connection) => getRootSpan(connection, query));
  }
  override async getTrace(args: TraceAddress): Promise<Trace | null> {
    const query = parseQuery('getTrace', args);
    return this.#database.read((connection) => getTrace(connection, query));
  }
  override async listTraces(args?: ListTracesArgs): Promise<TracePage> {
    const query = parseQuery('listTraces', args);
    return this.#database.read((connection) => listTraces(connection, query));
  }
  override async listMetrics(args?: ListMetricsArgs): Promise<MetricPage> {
    const query = parseQuery('listMetrics', args);
    return this.#database.read((connection) => listMetrics(connection, query));
  }
  override async listLogs(args?: ListLogsArgs): Promise<LogPage> {
    const query = parseQuery('listLogs', args);
    return this.#database.read((connection) => listLogs(connection, query));
  }
  override async listScores(args?: ListScoresArgs): Promise<ScorePage> {
    const query = parseQuery('listScores', args);
    return this.#database.read((connection) => listScores(connection, query));
  }
  override async listFeedback(args?: ListFeedbackArgs): Promise<FeedbackPage> {
    const query = parseQuery('listFeedback', args);
    return this.#database.read((connection) => listFeedback(connection, query));
  }

  override async batchDeleteTraces(args: DeleteTracesArgs): Promise<void> {
    const { traceIds } = parseQuery('batchDeleteTraces', args);
    await this.#database.write((connection) => deleteTraces(connection, traceIds));
  }
  override dangerouslyClearAll(): Promise<void> {
    return this.#database.write(deleteAll);
  }

  #saveEvents(table: Table, records: readonly object[]): Promise<PartialResult> {
    return this.#save(records, wholeRow.bind(null, table), saveEvents.bind(null, table));
  }

  /** Writes the records that can be written and names the others. All parts are queued at once, so order is kept. */
  async #save<R>(
    records: readonly R[],
    asRow: (record: R) => Row,
    save: (connection: DuckDBConnection, rows: readonly Row[]) => Promise<void>,
  ): Promise<PartialResult> {
    const parts: Promise<PartialResult['rejected']>[] = [];
    for (let from = 0; from < records.length; from += RECORDS_PER_TRANSACTION) {
      const part = records.slice(from, from + RECORDS_PER_TRANSACTION);
      const write = this.#database.write(async (connection) => {
        const { rows, rejected } = await encode(part, from, asRow);
        if (rows.length > 0) await save(connection, rows);
        return rejected;
      });
      parts.push(write);
    }
    return { rejected: (await Promise.all(parts)).flat() };
  }
}

function throwRejected({ rejected: [first] }: PartialResult): void {
  if (!first) return;
  const cause = new ObsError('OBS_STORE_WRITE', first.reason);
  throw new PermanentError(cause.message, { cause });
}
