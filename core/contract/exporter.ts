import type { Clock } from '../clock.ts';
import type { FeedbackEvent } from '../signals/feedback.ts';
import type { EventOf, Signal } from '../signals/index.ts';
import type { LogEvent } from '../signals/logs.ts';
import type { MetricEvent } from '../signals/metrics.ts';
import type { ScoreEvent } from '../signals/scores.ts';
import type { SpanErrorInfo, TracingEvent } from '../signals/tracing.ts';
import type { Resource } from './resource.ts';
import type { DeliverOptions, PartialResult, SendContext } from './send.ts';

/** A logger for the internals of plugins; it never becomes telemetry. */
export interface PluginLogger {
  debug(message: string, data?: unknown): void;
  info(message: string, data?: unknown): void;
  warn(message: string, data?: unknown): void;
  error(message: string, data?: unknown): void;
}

/** What an exporter is told when the host starts. */
export interface InitExporterOptions {
  serviceName: string;
  environment: string;
  logger: PluginLogger;
  resource: Resource;
  /** The platform's fetch, inside a context that makes no telemetry. */
  fetch: typeof globalThis.fetch;
  clock: Clock;
  /** Version of this package. */
  version: string;
  /** Directory for files of ours, such as `.obs`; absolute, and perhaps not there yet. */
  dataDir: string;
  /** The key of the entry: the exporter's identity in counts and messages. */
  key: string;
  /** Says that events it had taken are given up after all: they count as `rejected` and no longer as delivered. */
  lost: (signal: Signal, count: number, reason: string) => void;
}

type Handled = void | Promise<void>;

/**
 * Sends events out. Each handler is optional, and which ones are present says which signals the exporter supports.
 * A handler's promise is awaited before the next event of that signal is handed over; a rejection is retried. An
 * exporter with {@link ObservabilityExporter.send} gets batches through that instead.
 */
export interface ObservabilityExporter {
  readonly name: string;
  onTracingEvent?(event: TracingEvent): Handled;
  onMetricEvent?(event: MetricEvent): Handled;
  onLogEvent?(event: LogEvent): Handled;
  onScoreEvent?(event: ScoreEvent): Handled;
  onFeedbackEvent?(event: FeedbackEvent): Handled;
  /** Older form of {@link onTracingEvent}; called only where that one is absent. */
  exportTracingEvent?(event: TracingEvent): Handled;
  /** @deprecated Use {@link onScoreEvent}; called only where that one is absent. */
  addScoreToTrace?(args: AddScoreToTraceArgs): Handled;
  /**
   * Sees each tracing event as it is emitted, synchronously and before it is queued: for an exporter that has to know
   * what runs, such as the root of a trace. It delivers nothing, and is no support of a signal.
   */
  tapTracing?(event: TracingEvent): void;
  /**
   * Sends a batch of a signal that has a handler. Where it is present it is called in place of the handlers, so that
   * one class serves batches and, by hand, single events. What it resolves or throws means the same as for `Send`.
   */
  send?<S extends Signal>(
    signal: S,
    batch: readonly EventOf[S][],
    context: SendContext,
  ): Promise<void | PartialResult>;
  /**
   * What it asks of its delivery, by signal; the `delivery` block of its entry wins. Without `send` batches are of one.
   * `redelivery` of a signal goes before that of the exporter.
   */
  readonly delivery?:
    | { readonly [S in Signal]?: DeliverOptions & { redelivery?: 'safe' | 'unsafe' } }
    | undefined;
  /** Whether the destination recognises an event that comes twice. Default: what the plugin's manifest says, else `safe`. */
  readonly redelivery?: 'safe' | 'unsafe' | undefined;
  /** Called once before the first event, and again after a while when it failed: until then the events wait. */
  init?(options: InitExporterOptions): Handled;
  __setLogger?(logger: PluginLogger): void;
  /** Sends what is held now. */
  flush?(): Promise<void>;
  /** Flushes and lets go of everything; nothing is called afterwards. */
  shutdown?(): Promise<void>;
}

/** Arguments of the deprecated {@link ObservabilityExporter.addScoreToTrace}. */
export interface AddScoreToTraceArgs {
  traceId: string;
  spanId?: string;
  score: number;
  reason?: string;
  scorerName: string;
  metadata?: Record<string, unknown>;
}

type Handler<S extends Signal> = (event: EventOf[S]) => Handled;

/** The handlers of an exporter, by signal; a signal without one is not supported. */
export function handlersOf(exporter: ObservabilityExporter): { [S in Signal]?: Handler<S> } {
  const tracing = exporter.onTracingEvent ?? exporter.exportTracingEvent;
  const scores = exporter.onScoreEvent ?? legacyScores(exporter);
  return {
    ...(tracing && { tracing: tracing.bind(exporter) }),
    ...(exporter.onMetricEvent && { metrics: exporter.onMetricEvent.bind(exporter) }),
    ...(exporter.onLogEvent && { logs: exporter.onLogEvent.bind(exporter) }),
    ...(scores && { scores: scores.bind(exporter) }),
    ...(exporter.onFeedbackEvent && { feedback: exporter.onFeedbackEvent.bind(exporter) }),
  };
}

/** The old call knows numbers on traces only; other scores are not for it. */
function legacyScores(exporter: ObservabilityExporter): Handler<'scores'> | undefined {
  if (!exporter.addScoreToTrace) return undefined;
  return ({ traceId, spanId, score }) => {
    if (traceId === undefined || score.score === undefined) return;
    return exporter.addScoreToTrace?.({
      traceId,
      score: score.score,
      scorerName: score.scorerName ?? score.scorerId,
      ...(spanId !== undefined && { spanId }),
      ...(score.reason !== undefined && { reason: score.reason }),
      ...(score.metadata !== undefined && { metadata: score.metadata }),
    });
  };
}

/** Recorded beside a `span.error`; re-exported for exporters. */
export type { SpanErrorInfo };

/**
 * A start for exporter classes: a name, a logger, and the older `exportTracingEvent` made visible as
 * `onTracingEvent`, where and only where a subclass has it.
 */
export abstract class BaseExporter implements ObservabilityExporter {
  abstract readonly name: string;
  declare onTracingEvent?: (event: TracingEvent) => Handled;
  declare exportTracingEvent?: (event: TracingEvent) => Handled;
  protected logger: PluginLogger = SILENT;

  __setLogger(logger: PluginLogger): void {
    this.logger = logger;
  }

  async flush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

const SILENT: PluginLogger = { debug() {}, info() {}, warn() {}, error() {} };

// A getter, so that presence follows the subclass whether it defines exportTracingEvent as a method or as a field.
Object.defineProperty(BaseExporter.prototype, 'onTracingEvent', {
  configurable: true,
  get(this: BaseExporter) {
    return this.exportTracingEvent;
  },
  set(this: BaseExporter, handler: unknown) {
    Object.defineProperty(this, 'onTracingEvent', { value: handler, writable: true, configurable: true });
  },
});
