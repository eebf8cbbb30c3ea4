/** Compile-time tests: this file is checked by `tsc --noEmit` and never run. */
import type { BaseObservabilityInstance } from '../../core/instance.ts';
import type { FeedbackEvent, FeedbackRequest } from '../../core/signals/feedback.ts';
import type { EventOf, ObservabilityEvent, SIGNALS, Signal } from '../../core/signals/index.ts';
import type { LogEvent, LoggerContext, LogRecord } from '../../core/signals/logs.ts';
import type { Counter, Gauge, Histogram, MetricEvent, MetricsContext } from '../../core/signals/metrics.ts';
import { noOpLoggerContext, noOpMetricsContext } from '../../core/signals/noop.ts';
import type { ScoreEvent, ScoreRequest } from '../../core/signals/scores.ts';
import type {
  AnyExportedSpan,
  CORRELATION_KEYS,
  Correlation,
  ExportedSpan,
  SpanErrorInfo,
  TracingEvent,
  TracingEventType,
} from '../../core/signals/tracing.ts';

declare const obs: BaseObservabilityInstance;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

// There are five signals, and each has its type of event.
export const signals = {
  tracing: {} as EventOf['tracing'] satisfies TracingEvent,
  metrics: {} as EventOf['metrics'] satisfies MetricEvent,
  logs: {} as EventOf['logs'] satisfies LogEvent,
  scores: {} as EventOf['scores'] satisfies ScoreEvent,
  feedback: {} as EventOf['feedback'] satisfies FeedbackEvent,
} satisfies Record<Signal, ObservabilityEvent>;

true satisfies Same<(typeof SIGNALS)[number], Signal>;
true satisfies Same<TracingEvent['type'], TracingEventType>;
true satisfies Same<(typeof CORRELATION_KEYS)[number], keyof Correlation>;
true satisfies Same<AnyExportedSpan, ExportedSpan>;

export function theTypeOfAnEventSaysWhatItHolds(event: ObservabilityEvent): unknown {
  switch (event.type) {
    case 'span.error':
      event.error satisfies SpanErrorInfo;
      return event.exportedSpan satisfies AnyExportedSpan;
    case 'span.started':
    case 'span.updated':
    case 'span.ended':
      // @ts-expect-error only span.error has an error
      event.error;
      return event.exportedSpan satisfies AnyExportedSpan;
    case 'metric':
      return event.labels satisfies Record<string, string>;
    case 'log':
      return event.record satisfies LogRecord;
    case 'score':
      return event.score.scorerId satisfies string;
    case 'feedback':
      return event.feedback.value satisfies number | string;
    default:
      return event satisfies never;
  }
}

export function everyEventButSpansHasAnIdAndATime(event: Exclude<ObservabilityEvent, TracingEvent>): void {
  event.id satisfies string;
  event.timestamp satisfies Date;
  event.timeUnixMicro satisfies number;
  event.traceId satisfies string | undefined;
  event.spanId satisfies string | undefined;
}

export function instrumentsKeepTheirType(metrics: MetricsContext): void {
  metrics.counter('c', { unit: 'ms', description: 'd' }) satisfies Counter;
  metrics.gauge('g') satisfies Gauge;
  metrics.histogram('h') satisfies Histogram;
  metrics.counter('c').add();
  metrics.counter('c').add(1, { text: 'a', number: 1, flag: true, nothing: undefined });
  // @ts-expect-error a gauge is given a level
  metrics.gauge('g').set();
  // @ts-expect-error a histogram is given a value
  metrics.histogram('h').record();
  // @ts-expect-error a counter has no level
  metrics.counter('c').set(1);
  // @ts-expect-error values are numbers
  metrics.counter('c').add('1');
  // @ts-expect-error a label has one value
  metrics.counter('c').add(1, { list: [1] });
  // @ts-expect-error an instrument has a name
  metrics.counter();
}

export function logsHaveAMessageAndData(logger: LoggerContext): void {
  logger.debug('m');
  logger.error('m', new Error('any data'));
  // @ts-expect-error a message is a text
  logger.info(new Error('x'));
  // @ts-expect-error there is no such level
  logger.trace('m');
}

export const scores = {
  number: { scorerId: 's', score: 0.5 } satisfies ScoreRequest,
  label: {
    scorerId: 's',
    label: 'good',
    traceId: 't',
    spanId: 'p',
    id: 'i',
    timestamp: new Date(),
  } satisfies ScoreRequest,
  // @ts-expect-error a score names its scorer
  anonymous: { score: 1 } satisfies ScoreRequest,
  // @ts-expect-error a score is a number
  text: { scorerId: 's', score: '1' } satisfies ScoreRequest,
};

export const feedback = {
  thumbs: { feedbackType: 'thumbs', value: -1, comment: 'c', userId: 'u' } satisfies FeedbackRequest,
  word: { feedbackType: 'rating', value: 'good' } satisfies FeedbackRequest,
  // @ts-expect-error feedback has a value
  empty: { feedbackType: 'thumbs' } satisfies FeedbackRequest,
  // @ts-expect-error feedback is a number or a text
  flag: { feedbackType: 'thumbs', value: true } satisfies FeedbackRequest,
};

export function theNoOpsAreTheRealThing(): void {
  noOpLoggerContext satisfies typeof obs.logger;
  noOpMetricsContext satisfies typeof obs.metrics;
}

export function anInstanceEmitsEventsOfItsSignals(log: LogEvent, span: TracingEvent): void {
  obs.emitLogEvent(log);
  obs.emitTracingEvent(span);
  // @ts-expect-error a log is no metric
  obs.emitMetricEvent(log);
}
