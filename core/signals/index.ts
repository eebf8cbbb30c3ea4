import type { FeedbackEvent } from './feedback.ts';
import type { LogEvent } from './logs.ts';
import type { MetricEvent } from './metrics.ts';
import type { ScoreEvent } from './scores.ts';
import type { TracingEvent } from './tracing.ts';

/** The event type of each signal. A sixth signal would be added here and in {@link SIGNALS}. */
export interface EventOf {
  tracing: TracingEvent;
  metrics: MetricEvent;
  logs: LogEvent;
  scores: ScoreEvent;
  feedback: FeedbackEvent;
}

/** A kind of telemetry. */
export type Signal = keyof EventOf;

/** Any event of any signal. */
export type ObservabilityEvent = EventOf[Signal];

/** All signals, in the order in which they are listed everywhere. */
export const SIGNALS = [
  'tracing',
  'metrics',
  'logs',
  'scores',
  'feedback',
] as const satisfies readonly Signal[];

const SIGNAL_OF_TYPE: Record<ObservabilityEvent['type'], Signal> = {
  'span.started': 'tracing',
  'span.updated': 'tracing',
  'span.ended': 'tracing',
  'span.error': 'tracing',
  metric: 'metrics',
  log: 'logs',
  score: 'scores',
  feedback: 'feedback',
};

/** The signal an event belongs to. */
export function signalOf(event: ObservabilityEvent): Signal {
  return SIGNAL_OF_TYPE[event.type];
}

/** A value for each signal, made by one function. */
export function bySignal<V>(make: (signal: Signal) => V): Record<Signal, V> {
  return Object.fromEntries(SIGNALS.map((signal) => [signal, make(signal)])) as Record<Signal, V>;
}
