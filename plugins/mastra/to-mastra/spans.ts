import { RecentMap, type SpanErrorInfo, type TracingEvent } from '../../../core/index.ts';
import type { MastraSpan, MastraTracingEvent } from '../shape/span.ts';
import type { Draft } from './draft.ts';
import { Inferences } from './inferences.ts';
import { toSpan } from './span.ts';

/** What is remembered of a span that runs. */
interface Running {
  seq: number;
  /** Its error has been told of. */
  hasFailed: boolean;
}

const TYPES: Record<string, 'span.started' | 'span.updated' | 'span.ended'> = {
  span_started: 'span.started',
  span_updated: 'span.updated',
  span_ended: 'span.ended',
};

/**
 * Mastra's tracing events as ours: numbered snapshots, an event of its own for an error, and a model call that is one
 * span where Mastra has two (see {@link Inferences}).
 */
export class SpansIn {
  /** Of the application; for spans that say nothing else. */
  serviceName: string | undefined;
  readonly #running = new RecentMap<string, Running>();
  readonly #inferences = new Inferences();

  /** The events that stand for one of Mastra's; none for what shows on another span, or is of an unknown type. */
  take({ type, exportedSpan }: MastraTracingEvent): TracingEvent[] {
    const own = TYPES[type];
    if (!own) return [];
    return this.#inferences.fold(own, exportedSpan).flatMap((draft) => this.#events(own, draft));
  }

  /** The span that stands for a span of Mastra, for what was said about it. */
  spanIdFor(traceId: string | undefined, spanId: string | undefined): string | undefined {
    return this.#inferences.spanIdFor(traceId, spanId);
  }

  #events(type: 'span.started' | 'span.updated' | 'span.ended', draft: Draft): TracingEvent[] {
    const { source } = draft;
    const running = this.#runningOf(source);
    const span = toSpan(draft, this.serviceName);
    const events: TracingEvent[] = [];
    const error = span.errorInfo;
    if (error && !running.hasFailed && !span.isEvent) {
      events.push(failed(span, error, ++running.seq));
      running.hasFailed = true;
    } else if (type !== 'span.ended') {
      events.push({ type, exportedSpan: { ...span, status: 'running', seq: ++running.seq } });
    }
    if (type === 'span.ended') {
      events.push({ type, exportedSpan: { ...span, seq: ++running.seq } });
      this.#running.delete(keyOf(source));
    }
    return events;
  }

  /**
   * A span that began in another process goes on behind whatever was told of it there: it is numbered by the
   * milliseconds since its start.
   */
  #runningOf(span: MastraSpan): Running {
    const known = this.#running.get(keyOf(span));
    if (known) return known;
    const isNew = span.isEvent || span.endTime === undefined;
    const running = { seq: isNew ? 0 : millisecondsOf(span), hasFailed: false };
    if (!span.isEvent) this.#running.set(keyOf(span), running);
    return running;
  }
}

function failed(span: ReturnType<typeof toSpan>, error: SpanErrorInfo, seq: number): TracingEvent {
  const { endTime: _date, endUnixMicro: _micro, ...open } = span;
  return { type: 'span.error', error, exportedSpan: { ...open, status: 'running', seq } };
}

function millisecondsOf({ startTime, endTime }: MastraSpan): number {
  return Math.max(1, (endTime?.getTime() ?? 0) - startTime.getTime());
}

function keyOf({ traceId, id }: MastraSpan): string {
  return `${traceId}:${id}`;
}
