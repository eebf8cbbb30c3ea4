import { RecentMap } from '../../../core/index.ts';
import type { MastraSpan } from '../shape/span.ts';
import type { Draft } from './draft.ts';

type EventType = 'span.started' | 'span.updated' | 'span.ended';

/** What is remembered of a step of a model that runs. */
interface Step {
  inference?: MastraSpan;
}

/**
 * Mastra has three spans for a model call: the generation, each step of it, and inside a step the inference, which
 * repeats the step's usage and knows model and parameters. Here the inference shows on its step: its attributes, id
 * and times are put there when the step ends, and what is below it or said about it goes to the step. An inference
 * outside of a step that is known stays a span of its own.
 */
export class Inferences {
  readonly #generations = new RecentMap<string, true>();
  readonly #steps = new RecentMap<string, Step>();
  readonly #stepOf = new RecentMap<string, string>();

  /** The spans to tell of when Mastra told of this one: itself, or none. */
  fold(type: EventType, span: MastraSpan): Draft[] {
    if (span.type === 'model_inference' && this.#showsOnStep(type, span)) return [];
    const parentSpanId = this.spanIdFor(span.traceId, span.parentSpanId);
    const source = parentSpanId === span.parentSpanId ? span : { ...span, parentSpanId };
    if (span.type === 'model_generation') this.#generations.set(keyOf(span.traceId, span.id), true);
    return [span.type === 'model_step' ? this.#step(type, source) : { source }];
  }

  /** The step instead of its inference; any other id as it is. */
  spanIdFor(traceId: string | undefined, spanId: string | undefined): string | undefined {
    if (traceId === undefined || spanId === undefined) return spanId;
    return this.#stepOf.get(keyOf(traceId, spanId)) ?? spanId;
  }

  /** Once a step has ended it cannot show anything more. */
  #showsOnStep(type: EventType, span: MastraSpan): boolean {
    if (span.parentSpanId === undefined) return false;
    const step = this.#steps.get(keyOf(span.traceId, span.parentSpanId));
    if (!step) return false;
    step.inference = span;
    if (type === 'span.started') this.#stepOf.set(keyOf(span.traceId, span.id), span.parentSpanId);
    return true;
  }

  #step(type: EventType, source: MastraSpan): Draft {
    const key = keyOf(source.traceId, source.id);
    const known = this.#steps.get(key);
    if (type === 'span.ended') this.#steps.delete(key);
    else if (!known) this.#steps.set(key, {});
    const isCounted = this.#generations.get(keyOf(source.traceId, source.parentSpanId ?? '')) ?? false;
    return { source, isCounted, ...(known?.inference && { inference: known.inference }) };
  }
}

function keyOf(traceId: string, spanId: string): string {
  return `${traceId}:${spanId}`;
}
