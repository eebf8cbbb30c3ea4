import { judge, traceHandle } from './emitter.ts';
import type { FeedbackRequest } from './feedback.ts';
import type { ScoreRequest } from './scores.ts';
import type { OnTarget, Span, SpanOptions, SpanParts, TracedSpan, TraceHandle, TraceState } from './span.ts';
import type { SpanType } from './span-types.ts';
import type { Correlation } from './tracing.ts';

/** A span of a trace that is not sampled: real ids, passed on in `traceparent`, and no events. */
export class UnsampledSpan implements TracedSpan {
  readonly id: string;
  readonly name: string;
  readonly type: SpanType;
  readonly isSampled = false;
  readonly #parts: SpanParts;

  constructor(parts: SpanParts, options: SpanOptions) {
    this.#parts = parts;
    this.id = parts.host.ids.spanId();
    this.name = parts.name;
    this.type = options.type ?? 'generic';
  }

  get traceId(): string {
    return this.#parts.state.traceId;
  }
  get parentSpanId(): string | undefined {
    return this.#parts.parentSpanId;
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
    return `00-${this.traceId}-${this.id}-00`;
  }

  update(): void {}
  end(): void {}
  error(): void {}
  finish(): void {}
  fail(): void {}

  createChildSpan<C extends SpanType = 'generic'>(options: SpanOptions<C>): Span<C> {
    return this.#parts.startChild(this, options, false) as unknown as Span<C>;
  }

  createEventSpan<C extends SpanType = 'generic'>(options: SpanOptions<C>): Span<C> {
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
}
