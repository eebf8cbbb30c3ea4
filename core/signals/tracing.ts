import type { Cut } from '../snapshot/snapshot.ts';
import type { SpanAttributesByType, SpanType } from './span-types.ts';

/** The kinds of tracing events, by name. `span.error` does not end a span; `span.ended` follows once. */
export const TracingEventType = {
  SPAN_STARTED: 'span.started',
  SPAN_UPDATED: 'span.updated',
  SPAN_ENDED: 'span.ended',
  SPAN_ERROR: 'span.error',
} as const;
export type TracingEventType = (typeof TracingEventType)[keyof typeof TracingEventType];

/** `running` until the span has ended, then `ok`, or `error` once an error was recorded on it. */
export type SpanStatus = 'running' | 'ok' | 'error';

/** What went wrong in a span. */
export interface SpanErrorInfo {
  message: string;
  /** The error's class name, such as `TypeError`. */
  name?: string;
  /** A machine-readable code, such as `ECONNREFUSED`. */
  code?: string;
  stack?: string;
  details?: Record<string, unknown>;
}

/** A reference from one span to another, in this or another trace. */
export interface SpanLink {
  traceId: string;
  spanId: string;
  attributes?: Record<string, unknown>;
}

/** The library inside the resource that emitted (OpenTelemetry's instrumentation scope). */
export interface Scope {
  name: string;
  version?: string;
  attributes?: Record<string, unknown>;
}

/**
 * Who and what a piece of telemetry belongs to. A child span inherits it from its parent; the other four signals
 * take it from the span they are made in.
 */
export interface Correlation {
  /** What is running: `agent`, `tool`, `workflow_run`, `scorer`, ... */
  entityType?: string;
  entityId?: string;
  entityName?: string;
  userId?: string;
  organizationId?: string;
  resourceId?: string;
  runId?: string;
  sessionId?: string;
  threadId?: string;
  requestId?: string;
  /** Deployment environment, such as `production`; default: the environment that the config was resolved for. */
  environment?: string;
  /** Default: `service.name` of the config. */
  serviceName?: string;
  /** Where it came from, such as `local`, `cloud`, `langfuse`. */
  source?: string;
}

/** The keys of {@link Correlation}, in the order in which stores and listings show them. */
export const CORRELATION_KEYS = [
  'entityType',
  'entityId',
  'entityName',
  'userId',
  'organizationId',
  'resourceId',
  'runId',
  'sessionId',
  'threadId',
  'requestId',
  'environment',
  'serviceName',
  'source',
] as const satisfies readonly (keyof Correlation)[];

/**
 * A span as plugins see it: a full snapshot of what is known now, plain and JSON-safe.
 * `seq` counts the snapshots of one span from 1, so the highest `seq` is the newest whatever the order of arrival.
 */
export interface ExportedSpan<T extends SpanType = SpanType> extends Correlation {
  /** 16 lower-case hex characters; identity is `traceId` and `id` together. */
  id: string;
  /** 32 lower-case hex characters. */
  traceId: string;
  parentSpanId?: string;
  name: string;
  type: T;
  /** True for a span without a parent in this process: the entry into the trace. */
  isRootSpan: boolean;
  /** True for a point in time: it has no duration and only a `span.ended` event. */
  isEvent: boolean;
  seq: number;
  status: SpanStatus;
  startTime: Date;
  endTime?: Date;
  /** Microseconds since the Unix epoch. */
  startUnixMicro: number;
  /** Microseconds since the Unix epoch; never before `startUnixMicro` for a span measured here. */
  endUnixMicro?: number;
  input?: unknown;
  output?: unknown;
  attributes?: SpanAttributesByType[T] & Record<string, unknown>;
  metadata?: Record<string, unknown>;
  tags?: string[];
  scope?: Scope;
  links?: SpanLink[];
  errorInfo?: SpanErrorInfo;
  /** What the size limits cut away from this snapshot; absent when nothing was. */
  truncated?: Cut[];
}

/** A span of any type. */
export type AnyExportedSpan = ExportedSpan;

/** One fact about a span. */
export type TracingEvent =
  | { type: 'span.started' | 'span.updated' | 'span.ended'; exportedSpan: AnyExportedSpan }
  | { type: 'span.error'; exportedSpan: AnyExportedSpan; error: SpanErrorInfo };

/** What the events of metrics, logs, scores and feedback have in common. */
export interface SignalEventBase {
  /** Identity, 32 lower-case hex characters when made here: the same event delivered twice has the same id. */
  id: string;
  /** The trace it was made in or is about. */
  traceId?: string;
  /** The span it was made in or is about. */
  spanId?: string;
  timestamp: Date;
  /** Microseconds since the Unix epoch. */
  timeUnixMicro: number;
  /** Who and what it belongs to, from the span it was made in. */
  correlation?: Correlation;
  scope?: Scope;
  /** What the size limits cut away; absent when nothing was. */
  truncated?: Cut[];
}
