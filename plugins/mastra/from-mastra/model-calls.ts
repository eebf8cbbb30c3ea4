import { createHash } from 'node:crypto';
import { type AnyExportedSpan, isSpanId, RecentMap, type TracingEvent } from '../../../core/index.ts';
import type { MastraSpan, MastraTracingEvent } from '../shape/span.ts';
import { toMastraSpan } from './span.ts';

/** What is remembered of a generation, for its steps. */
interface Generation {
  model?: unknown;
  provider?: unknown;
  streaming?: unknown;
  hasSteps: boolean;
}

const TYPE = {
  'span.started': 'span_started',
  'span.updated': 'span_updated',
  'span.ended': 'span_ended',
} as const;

/**
 * Tracing events in Mastra's words. There a model call is two spans: `model_generation`, which some exporters read,
 * around `model_inference`, which others read. Here it is one, so at its end the inference is told of too, inside the
 * generation or, where that has steps, inside each step.
 */
export class ModelCalls {
  readonly #isWrapping: boolean;
  readonly #generations = new RecentMap<string, Generation>();

  constructor(isWrapping: boolean) {
    this.#isWrapping = isWrapping;
  }

  /** The events that stand for one of ours; none for `span.error`, since the end of the span says the same. */
  expand(event: TracingEvent): MastraTracingEvent[] {
    if (event.type === 'span.error') return [];
    const { exportedSpan } = event;
    const span = toMastraSpan(exportedSpan);
    if (this.#isWrapping) this.#remember(exportedSpan);
    const own = { type: TYPE[event.type], exportedSpan: span };
    if (event.type !== 'span.ended' || !this.#isModelCall(exportedSpan, span)) return [own];
    return [...this.#inference(exportedSpan, span), own];
  }

  #remember(span: AnyExportedSpan): void {
    if (span.type === 'model_generation') {
      const { model, provider, streaming } = span.attributes ?? {};
      const hasSteps = this.#generations.get(keyOf(span.traceId, span.id))?.hasSteps ?? false;
      this.#generations.set(keyOf(span.traceId, span.id), { model, provider, streaming, hasSteps });
    } else if (span.type === 'model_step') {
      const generation = this.#generations.get(keyOf(span.traceId, span.parentSpanId));
      if (generation) generation.hasSteps = true;
    }
  }

  /** What came from Mastra as an inference of its own needs no other around it. */
  #isModelCall({ traceId, id, isEvent }: AnyExportedSpan, { type }: MastraSpan): boolean {
    if (!this.#isWrapping || isEvent) return false;
    if (type === 'model_step') return true;
    return type === 'model_generation' && !this.#generations.get(keyOf(traceId, id))?.hasSteps;
  }

  #inference(call: AnyExportedSpan, span: MastraSpan): MastraTracingEvent[] {
    const { hasSteps: _, ...generation } =
      this.#generations.get(keyOf(call.traceId, call.parentSpanId)) ?? NO_GENERATION;
    const { costContext: _cost, ...attributes } = (span.attributes ?? {}) as Record<string, unknown>;
    const { tags: _tags, externalParentSpanId: _external, ...shared } = span;
    const { id = derivedId(call), ...times } = foldedInto(call);
    const inference: MastraSpan = {
      ...shared,
      ...times,
      id,
      parentSpanId: call.id,
      name: `inference: ${call.name}`,
      type: 'model_inference',
      isRootSpan: false,
      attributes: { ...generation, ...attributes },
    };
    const { endTime: _end, output: _output, errorInfo: _error, ...begun } = inference;
    return [
      { type: 'span_started', exportedSpan: begun },
      { type: 'span_ended', exportedSpan: inference },
    ];
  }
}

const NO_GENERATION: Generation = { hasSteps: false };

function keyOf(traceId: string, spanId: string | undefined): string {
  return `${traceId}:${spanId}`;
}

/** The inference that a step was when it came from Mastra: its own id and times. */
function foldedInto({ attributes }: AnyExportedSpan): { id?: string; startTime?: Date; endTime?: Date } {
  const { id, startUnixMicro, endUnixMicro } = (attributes?.['inference'] ?? {}) as Record<string, unknown>;
  if (!isSpanId(id) || typeof startUnixMicro !== 'number') return {};
  const startTime = new Date(startUnixMicro / 1000);
  return {
    id,
    startTime,
    ...(typeof endUnixMicro === 'number' && { endTime: new Date(endUnixMicro / 1000) }),
  };
}

/** The same id for the same call, so that telling of it twice is telling of one span. */
function derivedId({ traceId, id }: AnyExportedSpan): string {
  return createHash('sha256').update(`${traceId}:${id}:inference`).digest('hex').slice(0, 16);
}
