import { microOf } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { type Snapshot, withBytes } from '../snapshot/snapshot.ts';
import { judge, traceHandle } from './emitter.ts';
import type { FeedbackRequest } from './feedback.ts';
import type { ScoreRequest } from './scores.ts';
import type {
  OnTarget,
  Span,
  SpanEnd,
  SpanFailure,
  SpanOptions,
  SpanParts,
  SpanUpdate,
  TracedSpan,
  TraceHandle,
  TraceState,
} from './span.ts';
import { errorInfoOf } from './span-error.ts';
import { forget, mergeUpdate } from './span-record.ts';
import type { SpanType } from './span-types.ts';
import type { Correlation, ExportedSpan, Scope, SpanErrorInfo, SpanLink } from './tracing.ts';

/** A span that emits its events. */
export class RecordingSpan implements TracedSpan {
  readonly id: string;
  readonly isSampled = true;
  readonly #parts: SpanParts;
  readonly #snapshot: Snapshot;
  /** What is known of the span now; each event carries a copy. */
  readonly #record: ExportedSpan;

  /** @throws what reading hostile options throws. */
  constructor(parts: SpanParts, options: SpanOptions) {
    const { host, state, snapshot } = parts;
    this.#parts = parts;
    this.#snapshot = snapshot;
    this.id = host.ids.spanId();
    const startUnixMicro = microOf(options.startTime) ?? this.#nextStart(state);
    this.#record = {
      id: this.id,
      traceId: state.traceId,
      name: parts.name,
      type: options.type ? (snapshot.text(options.type, 'type') as SpanType) : 'generic',
      isRootSpan: parts.isRootSpan,
      isEvent: parts.isEvent,
      seq: 0,
      status: 'running',
      startTime: new Date(startUnixMicro / 1000),
      startUnixMicro,
      ...parts.correlation,
    };
    if (parts.parentSpanId !== undefined) this.#record.parentSpanId = parts.parentSpanId;
    if (options.scope) this.#record.scope = snapshot.take(options.scope, 'scope') as Scope;
    if (options.links) this.#record.links = snapshot.take(options.links, 'links') as SpanLink[];
    mergeUpdate(this.#record, snapshot, options, host.limits);
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
  get correlation(): Correlation {
    return this.#parts.correlation;
  }
  get trace(): TraceHandle {
    this.#parts.handle ??= traceHandle(this.#parts.host, this);
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
    try {
      this.#merge(update);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#emit('span.updated');
  }

  end(end?: SpanEnd): void {
    if (!this.#isOpen()) return;
    let endUnixMicro: number | undefined;
    try {
      if (end) this.#merge(end);
      endUnixMicro = microOf(end?.endTime);
    } catch (error) {
      this.#refuse(error);
    }
    this.#close(endUnixMicro);
  }

  error(failure: SpanFailure): void {
    if (!this.#isOpen()) return;
    let error: unknown;
    let endSpan: boolean | undefined;
    try {
      ({ error, endSpan } = failure);
      this.#merge(failure);
    } catch (thrown) {
      this.#refuse(thrown);
    }
    forget(this.#snapshot, 'errorInfo');
    const errorInfo = this.#snapshot.take(errorInfoOf(error), 'errorInfo') as SpanErrorInfo;
    this.#record.errorInfo = errorInfo;
    this.#emit('span.error', errorInfo);
    if (endSpan ?? true) this.#close();
  }

  finish(result?: unknown): void {
    if (this.#record.status !== 'running') return;
    this.end(result === undefined || this.#record.output !== undefined ? undefined : { output: result });
  }

  fail(error: unknown): void {
    if (this.#record.status === 'running') this.error({ error });
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
    judge(this.#parts.host, 'scores', score, this, 'span');
  }

  addFeedback(feedback: OnTarget<FeedbackRequest>): void {
    judge(this.#parts.host, 'feedback', feedback, this, 'span');
  }

  /** Starts within one trace are strictly increasing, so that spans of one microsecond stay in order. */
  #nextStart(state: TraceState): number {
    // The clock was read for the trace just now.
    const now = this.#parts.isRootSpan ? state.anchorUnixMicro : this.#now();
    state.lastStartUnixMicro = Math.max(now, state.lastStartUnixMicro + 1);
    return state.lastStartUnixMicro;
  }

  /** Wall time by the monotonic clock: a clock that is set back cannot make a duration negative. */
  #now(): number {
    const { host, state } = this.#parts;
    return state.anchorUnixMicro + (host.clock.monotonicMicro() - state.anchorMonotonicMicro);
  }

  #isOpen(): boolean {
    if (this.#record.status === 'running') return true;
    this.#parts.host.drop('tracing', 'after_end');
    return false;
  }

  #merge(update: SpanUpdate): void {
    mergeUpdate(this.#record, this.#snapshot, update, this.#parts.host.limits);
  }

  #refuse(error: unknown): void {
    const what = `an update of span "${this.name}" could not be read: ${messageOf(error)}`;
    this.#parts.host.refuse('tracing', 'invalid_value', what);
  }

  #close(givenUnixMicro?: number): void {
    const record = this.#record;
    const measured = record.isEvent ? record.startUnixMicro : (givenUnixMicro ?? this.#now());
    record.endUnixMicro = Math.max(record.startUnixMicro, measured);
    record.endTime = new Date(record.endUnixMicro / 1000);
    record.status = record.errorInfo ? 'error' : 'ok';
    this.#emit('span.ended');
  }

  /**
   * Asks first whether somebody takes this type of event: an exporter of ended spans pays for no other; and since the
   * span began, the signal may have been switched off or shut down.
   */
  #emit(type: 'span.started' | 'span.updated' | 'span.ended'): void;
  #emit(type: 'span.error', error: SpanErrorInfo): void;
  #emit(type: 'span.started' | 'span.updated' | 'span.ended' | 'span.error', error?: SpanErrorInfo): void {
    const { host } = this.#parts;
    this.#record.seq++;
    if (!host.isOn('tracing', type)) return;
    const exportedSpan = this.#export(type === 'span.ended');
    const event = type === 'span.error' ? { type, exportedSpan, error: error! } : { type, exportedSpan };
    host.emit(withBytes(event, this.#snapshot.bytes));
  }

  /**
   * What is known now; nothing changes after the end, so the last event needs no copy. A copy gets no further field:
   * that would give each copy a hidden class of its own, and make all code slow that touches it.
   */
  #export(isLast: boolean): ExportedSpan {
    const record = this.#record;
    const { cuts } = this.#snapshot;
    if (cuts.length > 0) record.truncated = [...cuts];
    else if (record.truncated) delete record.truncated;
    return isLast ? record : { ...record };
  }
}
