import type { Snapshot } from '../snapshot/snapshot.ts';
import type { EmitterHost } from './emitter.ts';
import type { FeedbackRequest } from './feedback.ts';
import type { ScoreRequest } from './scores.ts';
import type { AttributesOf, SpanType } from './span-types.ts';
import type { Correlation, Scope, SpanLink } from './tracing.ts';

/** What describes a span when it starts. */
export interface SpanOptions<T extends SpanType = SpanType> extends Correlation {
  name: string;
  /** Default: `generic`. */
  type?: T;
  input?: unknown;
  attributes?: AttributesOf<T>;
  metadata?: Record<string, unknown>;
  tags?: string[];
  scope?: Scope;
  links?: SpanLink[];
  /** Default, also for a date that is none: now. */
  startTime?: Date;
}

/** What is learned about a span while it runs or when it ends. Attributes and metadata are merged key by key. */
export interface SpanUpdate<T extends SpanType = SpanType> {
  input?: unknown;
  output?: unknown;
  attributes?: AttributesOf<T>;
  metadata?: Record<string, unknown>;
  tags?: string[];
}

/** The end of a span. */
export interface SpanEnd<T extends SpanType = SpanType> extends SpanUpdate<T> {
  /** Default, also for a date that is none: now. Never before the start. */
  endTime?: Date;
}

/** A failure of a span. */
export interface SpanFailure<T extends SpanType = SpanType> extends SpanUpdate<T> {
  error: unknown;
  /** Default: true; false records the error and leaves the span open. */
  endSpan?: boolean;
}

/** A score or feedback on a span or its trace; the ids are known. */
export type OnTarget<R> = Omit<R, 'traceId' | 'spanId'>;

/** One timed operation. None of its methods throws. */
export interface Span<T extends SpanType = SpanType> {
  /** 16 lower-case hex characters. */
  readonly id: string;
  /** 32 lower-case hex characters. */
  readonly traceId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly type: T;
  /** False when its trace is not sampled: ids are real, nothing is emitted. */
  readonly isSampled: boolean;
  /** What its children and the other signals inherit. */
  readonly correlation: Correlation;
  /** The trace as a whole, to judge it. */
  readonly trace: TraceHandle;
  /** W3C `traceparent` header for what this span calls. */
  readonly traceparent: string;
  update(update: SpanUpdate<T>): void;
  /** Ends the span; further calls change nothing and are counted. */
  end(end?: SpanEnd<T>): void;
  /** Records an error (`span.error`) and, unless `endSpan` is false, ends the span. */
  error(failure: SpanFailure<T>): void;
  createChildSpan<C extends SpanType = 'generic'>(options: SpanOptions<C>): Span<C>;
  /** A point in time inside this span: one `span.ended` event without duration. */
  createEventSpan<C extends SpanType = 'generic'>(options: SpanOptions<C> & { output?: unknown }): Span<C>;
  /** Calls `fn` with this span as the current one; does not end it. */
  run<R>(fn: () => R): R;
  addScore(score: OnTarget<ScoreRequest>): void;
  addFeedback(feedback: OnTarget<FeedbackRequest>): void;
}

/** A trace, to add scores and feedback that are about the whole of it. */
export interface TraceHandle {
  readonly id: string;
  addScore(score: OnTarget<ScoreRequest>): void;
  addFeedback(feedback: OnTarget<FeedbackRequest>): void;
}

/** What the spans of one trace share: its id, its decision, and one anchor of time that keeps them in order. */
export interface TraceState {
  readonly traceId: string;
  readonly isSampled: boolean;
  readonly anchorUnixMicro: number;
  readonly anchorMonotonicMicro: number;
  lastStartUnixMicro: number;
}

/** What a span needs beside its options. */
export interface SpanParts {
  host: EmitterHost;
  state: TraceState;
  /** That of the parent; a root span makes it when it is asked for. */
  handle: TraceHandle | undefined;
  name: string;
  parentSpanId: string | undefined;
  isRootSpan: boolean;
  isEvent: boolean;
  correlation: Correlation;
  /** Holds the account of what was taken for the span so far. */
  snapshot: Snapshot;
  startChild: (parent: Span, options: SpanOptions, isEvent: boolean) => Span;
}

/** What the tracer knows of its own spans beyond what their users see. */
export interface TracedSpan extends Span {
  readonly state: TraceState;
  /** Ends the span unless it has ended; `result` becomes its output unless it has one. */
  finish(result?: unknown): void;
  /** Records the error and ends the span unless it has ended. */
  fail(error: unknown): void;
}
