import { ObsError } from '../errors.ts';
import type { FeedbackEvent } from '../signals/feedback.ts';
import type { EventOf, Signal } from '../signals/index.ts';
import type { LogEvent } from '../signals/logs.ts';
import type { MetricEvent } from '../signals/metrics.ts';
import type { ScoreEvent } from '../signals/scores.ts';
import type { ExportedSpan } from '../signals/tracing.ts';
import type { CareOptions, CompactReport, HealthReport, MigrationReport, PruneReport } from './care.ts';
import type { PartialResult } from './send.ts';
import { StoreQueries } from './store-queries.ts';

/**
 * How spans reach a store. `realtime`: each event as it comes, in order. `batch-with-updates`: batches folded to
 * creates and updates. `insert-only`: a span once, when it has ended.
 */
export type TracingStorageStrategy = 'realtime' | 'batch-with-updates' | 'insert-only';
/** How events without updates reach a store: each as it comes, or in batches. */
export type EventStorageStrategy = 'realtime' | 'batch';
export type MetricsStorageStrategy = EventStorageStrategy;
export type LogsStorageStrategy = EventStorageStrategy;
export type ScoresStorageStrategy = EventStorageStrategy;
export type FeedbackStorageStrategy = EventStorageStrategy;
/** Any strategy. */
export type StorageStrategy = TracingStorageStrategy | EventStorageStrategy;

/** What a store says about one signal; the host decides. */
export interface StrategyHint<S extends StorageStrategy = StorageStrategy> {
  readonly preferred: S;
  readonly supported: readonly S[];
  /**
   * True for a store that takes the next write before the last has resolved, and keeps their order. `realtime` then
   * hands over what came during a commit without waiting for each event, and batches overlap.
   */
  readonly isPipelined?: boolean;
}

/** What is left when a process ends: events that no write has been resolved for. */
export type LastEvents = { readonly [S in Signal]?: readonly EventOf[S][] };

/** A change to a stored span: the fields that are present replace, those that are absent stay. */
export interface SpanChange {
  traceId: string;
  spanId: string;
  updates: Partial<ExportedSpan>;
}

/**
 * Persists events and answers queries. A store overrides the hints of the signals it stores and the methods that
 * those strategies need; the host reads the hints before it places a tap. What goes in comes out equal: the records
 * of the write side are the values of the read side.
 *
 * Every write may be repeated (the same event again changes nothing) and may come in any order (the highest `seq` of
 * a span wins; an update may come before its create). A rejected write is retried by the host.
 */
export abstract class ObservabilityStorage extends StoreQueries {
  get tracingStrategy(): StrategyHint<TracingStorageStrategy> | null {
    return { preferred: 'batch-with-updates', supported: ['realtime', 'batch-with-updates', 'insert-only'] };
  }
  get metricsStrategy(): StrategyHint<MetricsStorageStrategy> | null {
    return null;
  }
  get logsStrategy(): StrategyHint<LogsStorageStrategy> | null {
    return null;
  }
  get scoresStrategy(): StrategyHint<ScoresStorageStrategy> | null {
    return null;
  }
  get feedbackStrategy(): StrategyHint<FeedbackStorageStrategy> | null {
    return null;
  }

  /** Opens what is needed and brings the schema up to date; may be called again after a failure. */
  async init(): Promise<void> {}

  /** Lets go of the file or connection; safe to repeat. */
  async close(): Promise<void> {}

  async createSpan(_args: { span: ExportedSpan }): Promise<void> {
    throw missing(this, 'createSpan');
  }
  async updateSpan(_args: SpanChange): Promise<void> {
    throw missing(this, 'updateSpan');
  }
  async batchCreateSpans(_args: { records: readonly ExportedSpan[] }): Promise<void | PartialResult> {
    throw missing(this, 'batchCreateSpans');
  }
  async batchUpdateSpans(_args: { records: readonly SpanChange[] }): Promise<void | PartialResult> {
    throw missing(this, 'batchUpdateSpans');
  }
  async batchCreateMetrics(_args: { records: readonly MetricEvent[] }): Promise<void | PartialResult> {
    throw missing(this, 'batchCreateMetrics');
  }
  async batchCreateLogs(_args: { records: readonly LogEvent[] }): Promise<void | PartialResult> {
    throw missing(this, 'batchCreateLogs');
  }
  async batchCreateScores(_args: { records: readonly ScoreEvent[] }): Promise<void | PartialResult> {
    throw missing(this, 'batchCreateScores');
  }
  async batchCreateFeedback(_args: { records: readonly FeedbackEvent[] }): Promise<void | PartialResult> {
    throw missing(this, 'batchCreateFeedback');
  }

  /**
   * Writes, without returning to the event loop, what is left when the process ends, and waits for every write that
   * was called before. True when all of it is stored. A store without it loses what is held at a `process.exit()`.
   */
  flushSync?(left: LastEvents, deadlineMs: number): boolean;

  /** Deletes everything, for tests and resets. */
  async dangerouslyClearAll(): Promise<void> {
    throw missing(this, 'dangerouslyClearAll');
  }

  /** Deletes what the store's retention no longer wants; with `dryRun` only says what. */
  async prune(_args?: { dryRun?: boolean }, _options?: CareOptions): Promise<PruneReport> {
    throw missing(this, 'prune');
  }
  /** Gives space of what was deleted back to the system. */
  async compact(_options?: CareOptions): Promise<CompactReport> {
    throw missing(this, 'compact');
  }
  /** Brings what an older release wrote up to date; opening does so too. With `dryRun` only says what. */
  async migrate(_args?: { dryRun?: boolean }, _options?: CareOptions): Promise<MigrationReport> {
    throw missing(this, 'migrate');
  }
  /** Looks at itself: sizes, owner, damage. */
  async inspect(_options?: CareOptions): Promise<HealthReport> {
    throw missing(this, 'inspect');
  }
}

/** The hint of a store for one signal. */
export function hintOf(store: ObservabilityStorage, signal: Signal): StrategyHint | null {
  return store[`${signal}Strategy`];
}

type StoreMethod = keyof ObservabilityStorage;

/** True when the store has a method of its own instead of the base class's refusal. */
export function implementsMethod(store: ObservabilityStorage, method: StoreMethod): boolean {
  return typeof store[method] === 'function' && store[method] !== ObservabilityStorage.prototype[method];
}

function missing(store: object, method: StoreMethod): ObsError {
  return new ObsError(
    'OBS_STORE_METHOD_MISSING',
    `${store.constructor.name} does not implement ${String(method)}()`,
  );
}
