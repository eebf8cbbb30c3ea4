import { Snapshot, withBytes } from '../snapshot.ts';
import type { EmitterHost } from './emitter.ts';
import type { FeedbackRequest } from './feedback.ts';
import type { ScoreRequest } from './scores.ts';
import { errorInfoOf } from './span-error.ts';
import type { AttributesOf, SpanType } from './span-types.ts';
import type {
  Correlation,
  ExportedSpan,
  Scope,
  SpanErrorInfo,
  SpanLink,
  SpanStatus,
  TracingEvent,
} from './tracing.ts';

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
  /** Default: now. */
  startTime?: Date;
}

/** What is learned about a span while it runs or when it ends. Objects are merged key by key. */
export interface SpanUpdate<T extends SpanType = SpanType> {
  input?: unknown;
  output?: unknown;
  attributes?: AttributesOf<T>;
  metadata?: Record<string, unknown>;
  tags?: string[];
}

/** The end of a span. */
export interface SpanEnd<T extends SpanType = SpanType> extends SpanUpdate<T> {
  /** Default: now. */
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
  handle: TraceHandle;
  parentSpanId: string | undefined;
  isRootSpan: boolean;
  isEvent: boolean;
  correlation: Correlation;
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

/** A span that emits its events. */
export class RecordingSpan implements TracedSpan {
  readonly id: string;
  readonly #parts: SpanParts;
  readonly #snapshot: Snapshot;
  /** What never changes, and what was set so far. */
  readonly #record: Omit<ExportedSpan, 'seq' | 'status'>;
  #status: SpanStatus = 'running';
  #seq = 0;

  constructor(parts: SpanParts, options: SpanOptions) {
    const { host, state } = parts;
    this.#parts = parts;
    this.#snapshot = new Snapshot(host.limits);
    this.id = host.ids.spanId();
    const startUnixMicro = options.startTime ? options.startTime.getTime() * 1000 : this.#nextStart(state);
    this.#record = {
      id: this.id,
      traceId: state.traceId,
      ...(parts.parentSpanId !== undefined && { parentSpanId: parts.parentSpanId }),
      name: this.#snapshot.text(options.name, 'name'),
      type: options.type ?? 'generic',
      isRootSpan: parts.isRootSpan,
      isEvent: parts.isEvent,
      startTime: new Date(startUnixMicro / 1000),
      startUnixMicro,
      ...parts.correlation,
    };
    if (options.scope) this.#record.scope = this.#snapshot.take(options.scope, 'scope') as Scope;
    if (options.links) this.#record.links = this.#snapshot.take(options.links, 'links') as SpanLink[];
    this.#merge(options);
  }

  get traceId(): string {
    return this.#record.traceId;
  }
  get parentSpanId(): string | undefined {
    return this.#record.parentSpanId;
  }
  get name(): string {
    return this.#record.name;
  }
  get type(): SpanType {
    return this.#record.type;
  }
  get isSampled(): boolean {
    return true;
  }
  get correlation(): Correlation {
    return this.#parts.correlation;
  }
  get trace(): TraceHandle {
    return this.#parts.handle;
  }
  get state(): TraceState {
    return this.#parts.state;
  }
  get traceparent(): string {
    return `00-${this.traceId}-${this.id}-01`;
  }

  /** Emits the first event: `span.started`, or for an event span its only one. */
  begin(): void {
    if (this.#record.isEvent) this.end();
    else this.#emit('span.started');
  }

  update(update: SpanUpdate): void {
    if (!this.#isOpen()) return;
    this.#mergeSafely(update);
    this.#emit('span.updated');
  }

  end(end: SpanEnd = {}): void {
    if (!this.#isOpen()) return;
    this.#mergeSafely(end);
    const endUnixMicro = this.#record.isEvent ? this.#record.startUnixMicro : this.#endMicro(end.endTime);
    this.#record.endUnixMicro = endUnixMicro;
    this.#record.endTime = new Date(endUnixMicro / 1000);
    this.#status = this.#record.errorInfo ? 'error' : 'ok';
    this.#emit('span.ended');
  }

  error(failure: SpanFailure): void {
    if (!this.#isOpen()) return;
    const { error, endSpan = true, ...update } = failure ?? {};
    this.#mergeSafely(update);
    const errorInfo = this.#snapshot.take(errorInfoOf(error), 'errorInfo') as SpanErrorInfo;
    this.#record.errorInfo = errorInfo;
    this.#emitEvent({ type: 'span.error', exportedSpan: this.#export(), error: errorInfo });
    if (endSpan) this.end();
  }

  finish(result?: unknown): void {
    if (this.#status !== 'running') return;
    this.end(result === undefined || this.#record.output !== undefined ? {} : { output: result });
  }

  fail(error: unknown): void {
    if (this.#status === 'running') this.error({ error });
  }

  createChildSpan<C extends SpanType = 'generic'>(options: SpanOptions<C>): Span<C> {
    return this.#parts.startChild(this, options, false) as unknown as Span<C>;
  }

  createEventSpan<C extends SpanType = 'generic'>(options: SpanOptions<C> & { output?: unknown }): Span<C> {
    return this.#parts.startChild(this, options, true) as unknown as Span<C>;
  }

  run<R>(fn: () => R): R {
    return this.#parts.host.runWith(this, fn);
  }

  addScore(score: OnTarget<ScoreRequest>): void {
    this.#parts.host.addScore({ ...score, traceId: this.traceId, spanId: this.id });
  }

  addFeedback(feedback: OnTarget<FeedbackRequest>): void {
    this.#parts.host.addFeedback({ ...feedback, traceId: this.traceId, spanId: this.id });
  }

  /** Starts within one trace are strictly increasing, so that spans of one microsecond stay in order. */
  #nextStart(state: TraceState): number {
    state.lastStartUnixMicro = Math.max(this.#now(), state.lastStartUnixMicro + 1);
    return state.lastStartUnixMicro;
  }

  /** Wall time by the monotonic clock: a clock that is set back cannot make a duration negative. */
  #now(): number {
    const { host, state } = this.#parts;
    return state.anchorUnixMicro + (host.clock.monotonicMicro() - state.anchorMonotonicMicro);
  }

  #endMicro(endTime: Date | undefined): number {
    const measured = endTime ? endTime.getTime() * 1000 : this.#now();
    return Math.max(this.#record.startUnixMicro, measured);
  }

  #isOpen(): boolean {
    if (this.#status === 'running') return true;
    this.#parts.host.drop('tracing', 'after_end');
    return false;
  }

  #mergeSafely(update: SpanUpdate): void {
    try {
      this.#merge(update);
    } catch (error) {
      this.#parts.host.refuse(
        'tracing',
        'invalid_value',
        `an update of span "${this.name}" failed: ${String(error)}`,
      );
    }
  }

  #merge(update: SpanUpdate): void {
    const { input, output, attributes, metadata, tags } = update;
    const record = this.#record;
    if (input !== undefined) record.input = this.#snapshot.take(input, 'input');
    if (output !== undefined) record.output = this.#snapshot.take(output, 'output');
    if (attributes !== undefined)
      record.attributes = this.#merged(record.attributes, attributes, 'attributes');
    if (metadata !== undefined) record.metadata = this.#merged(record.metadata, metadata, 'metadata');
    if (tags !== undefined) record.tags = (this.#snapshot.take(tags, 'tags') as unknown[]).map(String);
  }

  #merged(
    before: Record<string, unknown> | undefined,
    added: unknown,
    path: string,
  ): Record<string, unknown> {
    const plain = this.#snapshot.take(added, path);
    const isRecord = typeof plain === 'object' && plain !== null && !Array.isArray(plain);
    const record = (isRecord ? plain : { value: plain }) as Record<string, unknown>;
    return before ? { ...before, ...record } : record;
  }

  #emit(type: 'span.started' | 'span.updated' | 'span.ended'): void {
    this.#emitEvent({ type, exportedSpan: this.#export() });
  }

  #emitEvent(event: TracingEvent): void {
    this.#parts.host.emit(withBytes(event, this.#snapshot.bytes));
  }

  #export(): ExportedSpan {
    this.#seq++;
    const span: ExportedSpan = { ...this.#record, seq: this.#seq, status: this.#status };
    if (this.#snapshot.cuts.length > 0) span.truncated = [...this.#snapshot.cuts];
    return span;
  }
}
