import {
  CORRELATION_KEYS,
  type FeedbackEvent,
  type LogEvent,
  type MetricEvent,
  PermanentError,
  type ScoreEvent,
  type SignalEventBase,
} from '../../../core/index.ts';
import { correlationIn } from '../shape/correlation.ts';
import type {
  MastraFeedbackEvent,
  MastraLogEvent,
  MastraMetricEvent,
  MastraScoreEvent,
} from '../shape/signals.ts';

/** A log. Data that is no record is put into one. */
export function toMastraLog(event: LogEvent): MastraLogEvent {
  const { level, message, data } = event.record;
  return {
    type: 'log',
    log: {
      logId: event.id,
      ...common(event),
      level,
      message,
      ...(data !== undefined && { data: record(data) }),
    },
  };
}

/** A metric. The kind of instrument and its unit have no place there but the metadata. */
export function toMastraMetric(event: MetricEvent): MastraMetricEvent {
  const { id, name, value, labels, metricType, unit, metadata } = event;
  return {
    type: 'metric',
    metric: {
      metricId: id,
      ...common(event),
      name,
      value,
      labels: { ...labels },
      metadata: { ...metadata, metricType, ...(unit !== undefined && { unit }) },
    },
  };
}

/** A score. @throws PermanentError for one that is a word only: Mastra's scores are numbers. */
export function toMastraScore(event: ScoreEvent): MastraScoreEvent {
  const { score: value, label, source, metadata, ...same } = event.score;
  if (value === undefined)
    throw new PermanentError(`scorer "${same.scorerId}" gave a word, and exporters of Mastra take numbers`);
  return {
    type: 'score',
    score: {
      scoreId: event.id,
      ...common(event),
      ...same,
      score: value,
      ...(source !== undefined && { scoreSource: source, source }),
      metadata: { ...metadata, ...(label !== undefined && { label }) },
    },
  };
}

/** Feedback. The person and the source are given under the old names too, which older exporters read. */
export function toMastraFeedback(event: FeedbackEvent): MastraFeedbackEvent {
  const { userId, source, metadata, ...same } = event.feedback;
  const sessionId = event.correlation?.sessionId;
  return {
    type: 'feedback',
    feedback: {
      feedbackId: event.id,
      ...common(event),
      ...same,
      ...(userId !== undefined && { feedbackUserId: userId, userId }),
      ...(source !== undefined && { feedbackSource: source, source }),
      metadata: { ...(sessionId !== undefined && { sessionId }), ...metadata },
    },
  };
}

function common({ timestamp, traceId, spanId, correlation }: SignalEventBase) {
  return {
    timestamp,
    ...(traceId !== undefined && { traceId }),
    ...(spanId !== undefined && { spanId }),
    ...(correlation && { correlationContext: correlationIn(correlation, CORRELATION_KEYS) }),
  };
}

function record(data: unknown): Record<string, unknown> {
  const isRecord = typeof data === 'object' && data !== null && !Array.isArray(data);
  return isRecord ? (data as Record<string, unknown>) : { value: data };
}
