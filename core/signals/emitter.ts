import { type Clock, microOf } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { IdSource } from '../ids.ts';
import type { Snapshot, SnapshotLimits } from '../snapshot/snapshot.ts';
import type { FeedbackRequest } from './feedback.ts';
import type { ObservabilityEvent, Signal } from './index.ts';
import type { LogLevel } from './logs.ts';
import type { ScoreRequest } from './scores.ts';
import type { Span, TraceHandle } from './span.ts';
import type { Correlation, SignalEventBase } from './tracing.ts';

/** Why an event was given up before it reached a plugin. */
export type EmitDropReason = 'sampled' | 'invalid_value' | 'after_end' | 'after_shutdown' | 'inside_tap';

/** What the emitters need of the host: time, ids, the current span and a way out. */
export interface EmitterHost {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly limits: SnapshotLimits;
  /** Logs below this level are not made. */
  readonly logLevel: LogLevel;
  /** What every root span and every event outside a span carries: environment, service name. */
  readonly origin: Correlation;
  /** True when the signal is on and somebody listens to it, or to that type of event; when false no event is made. */
  isOn(signal: Signal, type?: ObservabilityEvent['type']): boolean;
  emit(event: ObservabilityEvent): void;
  /** Counts an event that is given up on purpose. */
  drop(signal: Signal, reason: EmitDropReason): void;
  /** Counts an event that the caller got wrong, and warns at most once a minute. */
  refuse(signal: Signal, reason: EmitDropReason, what: string): void;
  /** The sampling decision for a new trace. */
  sample(traceId: string): boolean;
  currentSpan(): Span | undefined;
  addScore(request: ScoreRequest): void;
  addFeedback(request: FeedbackRequest): void;
  /** Calls `fn` with `span` as the current span, for everything that it awaits too. */
  runWith<R>(span: Span, fn: () => R): R;
}

/** What a score or a piece of feedback is about. */
export interface EventTarget {
  /** Default: the trace of the current span. */
  traceId?: string;
  /** Default: the current span where `traceId` is not given, else none: the target is then the whole trace. */
  spanId?: string;
  /** Identity; give one to make a repeated call the same event. Default: a new id. */
  id?: string;
  /** Default, also for a date that is none: now. */
  timestamp?: Date;
}

/** The identity, time, ids and correlation of an event: those given, else of now and of the current span. */
export function envelope(host: EmitterHost, snapshot: Snapshot, given?: Given): Envelope {
  const timeUnixMicro = microOf(given?.timestamp) ?? host.clock.unixMicro();
  return {
    id: given?.id ? snapshot.text(given.id, 'id') : host.ids.eventId(timeUnixMicro),
    timestamp: new Date(timeUnixMicro / 1000),
    timeUnixMicro,
    ...correlate(host, idOf(snapshot, given?.traceId), idOf(snapshot, given?.spanId)),
  };
}

type Given = { [K in keyof EventTarget]: EventTarget[K] | undefined };
type Envelope = Omit<SignalEventBase, 'scope' | 'truncated'>;

function idOf(snapshot: Snapshot, id: string | undefined): string | undefined {
  return id === undefined || id === null ? undefined : snapshot.text(id, 'target');
}

function correlate(
  host: EmitterHost,
  traceId: string | undefined,
  spanId: string | undefined,
): Pick<SignalEventBase, 'traceId' | 'spanId' | 'correlation'> {
  const span = host.currentSpan();
  if (traceId !== undefined) {
    const correlation = span?.traceId === traceId ? span.correlation : host.origin;
    return spanId === undefined ? { traceId, correlation } : { traceId, spanId, correlation };
  }
  if (span) return { traceId: span.traceId, spanId: spanId ?? span.id, correlation: span.correlation };
  return spanId === undefined ? { correlation: host.origin } : { spanId, correlation: host.origin };
}

/** Wraps an emitter so that a hostile argument is counted as refused instead of thrown at the caller. */
export function neverThrows<A extends unknown[]>(
  host: EmitterHost,
  signal: Signal,
  emit: (...args: A) => void,
): (...args: A) => void {
  return (...args) => {
    try {
      emit(...args);
    } catch (error) {
      host.refuse(signal, 'invalid_value', messageOf(error));
    }
  };
}

/** The trace of a span, judged in the name of that span. */
export function traceHandle(host: EmitterHost, root: Span): TraceHandle {
  return {
    id: root.traceId,
    addScore: (score) => judge(host, 'scores', score, root, 'trace'),
    addFeedback: (feedback) => judge(host, 'feedback', feedback, root, 'trace'),
  };
}

/** Adds a judgement of a span or of its whole trace, in the name of that span. Never throws. */
export function judge(
  host: EmitterHost,
  signal: 'scores' | 'feedback',
  judgement: object,
  span: Span,
  target: 'span' | 'trace',
): void {
  if (!host.isOn(signal)) return;
  try {
    const { traceId, id } = span;
    const request = target === 'span' ? { ...judgement, traceId, spanId: id } : { ...judgement, traceId };
    host.runWith(span, () => {
      if (signal === 'scores') host.addScore(request as ScoreRequest);
      else host.addFeedback(request as FeedbackRequest);
    });
  } catch (error) {
    host.refuse(signal, 'invalid_value', messageOf(error));
  }
}
