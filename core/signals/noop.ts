import type { LoggerContext } from './logs.ts';
import type { Counter, Gauge, Histogram, MetricsContext } from './metrics.ts';
import type { Span, TraceHandle } from './span.ts';

const noOp = (): void => {};

/** A logger that does nothing: what a context holds when nothing is configured. */
export const noOpLoggerContext: LoggerContext = Object.freeze({
  debug: noOp,
  info: noOp,
  warn: noOp,
  error: noOp,
  fatal: noOp,
});

const noOpCounter: Counter = Object.freeze({ add: noOp });
const noOpGauge: Gauge = Object.freeze({ set: noOp });
const noOpHistogram: Histogram = Object.freeze({ record: noOp });

/** Metrics that go nowhere: what a context holds when nothing is configured. */
export const noOpMetricsContext: MetricsContext = Object.freeze({
  counter: () => noOpCounter,
  gauge: () => noOpGauge,
  histogram: () => noOpHistogram,
});

const NO_TRACE_ID = '0'.repeat(32);
const NO_SPAN_ID = '0'.repeat(16);

/**
 * A span that does nothing, for when tracing is off. Its ids are W3C's invalid all-zero ids, and it never becomes
 * the current span, so no telemetry can carry them.
 */
export function createNoOpSpan(): Span {
  const trace: TraceHandle = Object.freeze({ id: NO_TRACE_ID, addScore: noOp, addFeedback: noOp });
  const span: Span = {
    id: NO_SPAN_ID,
    traceId: NO_TRACE_ID,
    parentSpanId: undefined,
    name: '',
    type: 'generic',
    isSampled: false,
    correlation: Object.freeze({}),
    trace,
    traceparent: `00-${NO_TRACE_ID}-${NO_SPAN_ID}-00`,
    update: noOp,
    end: noOp,
    error: noOp,
    createChildSpan: (() => span) as unknown as Span['createChildSpan'],
    createEventSpan: (() => span) as unknown as Span['createEventSpan'],
    run: (fn) => fn(),
    addScore: noOp,
    addFeedback: noOp,
  };
  return Object.freeze(span);
}
