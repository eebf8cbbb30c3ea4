import type { PartialResult } from '../../core/contract/send.ts';
import {
  type LogsStorageStrategy,
  type MetricsStorageStrategy,
  ObservabilityStorage,
  type SpanChange,
  type StrategyHint,
  type TracingStorageStrategy,
} from '../../core/contract/store.ts';
import type { SpanAddress } from '../../core/query/index.ts';
import type { LogEvent } from '../../core/signals/logs.ts';
import type { MetricEvent } from '../../core/signals/metrics.ts';
import type { ExportedSpan } from '../../core/signals/tracing.ts';

/** A call of a write method: its name, and what identifies each record. */
export type Call = [method: string, ...records: string[]];

/** A store in memory that keeps the contract: repeated and late writes come out right. Hints can be replaced. */
export class MemoryStore extends ObservabilityStorage {
  readonly calls: Call[] = [];
  readonly spans = new Map<string, Partial<ExportedSpan>>();
  readonly logs = new Map<string, LogEvent>();
  readonly metrics = new Map<string, MetricEvent>();
  /** The next write answers with this instead of taking all. */
  answer: PartialResult | undefined;
  tracing: StrategyHint<TracingStorageStrategy> | null = {
    preferred: 'batch-with-updates',
    supported: ['realtime', 'batch-with-updates', 'insert-only'],
  };
  logsHint: StrategyHint<LogsStorageStrategy> | null = {
    preferred: 'batch',
    supported: ['batch', 'realtime'],
  };
  metricsHint: StrategyHint<MetricsStorageStrategy> | null = null;

  override get tracingStrategy() {
    return this.tracing;
  }
  override get logsStrategy() {
    return this.logsHint;
  }
  override get metricsStrategy() {
    return this.metricsHint;
  }

  override async init(): Promise<void> {
    this.calls.push(['init']);
  }
  override async close(): Promise<void> {
    this.calls.push(['close']);
  }
  override async createSpan({ span }: { span: ExportedSpan }): Promise<void> {
    this.#write('createSpan', [span]);
  }
  override async updateSpan({ updates }: SpanChange): Promise<void> {
    this.#write('updateSpan', [updates]);
  }
  override async batchCreateSpans({ records }: { records: readonly ExportedSpan[] }) {
    return this.#write('batchCreateSpans', records);
  }
  override async batchUpdateSpans({ records }: { records: readonly SpanChange[] }) {
    return this.#write(
      'batchUpdateSpans',
      records.map(({ updates }) => updates),
    );
  }
  override async batchCreateLogs({ records }: { records: readonly LogEvent[] }): Promise<void> {
    this.calls.push(['batchCreateLogs', ...records.map(({ record }) => record.message)]);
    for (const log of records) this.logs.set(log.id, log);
  }
  override async batchCreateMetrics({ records }: { records: readonly MetricEvent[] }): Promise<void> {
    this.calls.push(['batchCreateMetrics', ...records.map(({ name }) => name)]);
    for (const metric of records) this.metrics.set(metric.id, metric);
  }
  override async getSpan({ traceId, spanId }: SpanAddress): Promise<ExportedSpan | null> {
    return (this.spans.get(`${traceId}/${spanId}`) as ExportedSpan) ?? null;
  }

  #write(method: string, records: readonly Partial<ExportedSpan>[]): PartialResult | undefined {
    this.calls.push([method, ...records.map(({ name, seq }) => `${name} ${seq}`)]);
    for (const record of records) {
      const key = `${record.traceId}/${record.id}`;
      const known = this.spans.get(key);
      const isNewer = record.seq! >= (known?.seq ?? 0);
      this.spans.set(key, isNewer ? { ...known, ...record } : { ...record, ...known });
    }
    const { answer } = this;
    this.answer = undefined;
    return answer;
  }
}
