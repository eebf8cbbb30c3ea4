import type { MastraFeedbackEvent, MastraLogEvent, MastraMetricEvent, MastraScoreEvent } from './signals.ts';
import type { MastraTracingEvent } from './span.ts';

type Handled = void | Promise<void>;

/**
 * Mastra's exporter interface, as far as a host needs it. It is described here by its shape, so that nothing of
 * Mastra has to be installed; the words that are enumerations there are plain text here.
 */
export interface MastraExporter {
  readonly name: string;
  /** Classes on Mastra's base class say so when they were made without what they need, and then take nothing. */
  readonly isDisabled?: boolean;
  init?(options: MastraInitOptions): Handled;
  __setLogger?(logger: MastraLogger): void;
  exportTracingEvent?(event: MastraTracingEvent): Handled;
  onTracingEvent?(event: MastraTracingEvent): Handled;
  onLogEvent?(event: MastraLogEvent): Handled;
  onMetricEvent?(event: MastraMetricEvent): Handled;
  onScoreEvent?(event: MastraScoreEvent): Handled;
  onFeedbackEvent?(event: MastraFeedbackEvent): Handled;
  onDroppedEvent?(event: MastraDropEvent): Handled;
  addScoreToTrace?(score: MastraTraceScore): Handled;
  flush?(): Promise<void>;
  shutdown?(): Promise<void>;
}

/** What Mastra tells an exporter at the start, but for the running application, which outside of one is not there. */
export interface MastraInitOptions {
  mastra?: never;
  config?: { name: string; serviceName: string };
  emitDropEvent?: (event: MastraDropEvent) => void;
}

/** The logger of a Mastra application, as far as exporters use it. */
export interface MastraLogger {
  debug(message: string, ...data: unknown[]): void;
  info(message: string, ...data: unknown[]): void;
  warn(message: string, ...data: unknown[]): void;
  error(message: string, ...data: unknown[]): void;
  trackException?(error: never): void;
}

/** Events that an exporter had taken and then gave up. */
export interface MastraDropEvent {
  type: string;
  /** `tracing`, `log`, `metric`, `score` or `feedback`. */
  signal: string;
  /** Such as `retry-exhausted`. */
  reason: string;
  count: number;
  timestamp: Date;
  exporterName: string;
  storageName?: string | undefined;
  error?: { id?: string; domain?: string; message: string } | undefined;
}

/** The argument of the older call for scores. */
export interface MastraTraceScore {
  traceId: string;
  spanId?: string;
  score: number;
  reason?: string;
  scorerName: string;
  metadata?: Record<string, unknown>;
}
