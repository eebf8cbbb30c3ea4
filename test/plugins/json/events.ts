import type {
  FeedbackEvent,
  LogEvent,
  MetricEvent,
  ObservabilityEvent,
  ScoreEvent,
  TracingEvent,
} from '../../../core/index.ts';

const START = 1_767_323_045_678_901; // 2026-01-02T03:04:05.678901Z
const traceId = '019b7cbe5aee00112233445566778899';
const spanId = '0123456789abcdef';
const at = { timestamp: new Date(START / 1000), timeUnixMicro: START };

/** A failed tool call that has ended after 12.345 ms. */
export function spanEvent(): TracingEvent {
  return {
    type: 'span.ended',
    exportedSpan: {
      id: spanId,
      traceId,
      parentSpanId: 'fedcba9876543210',
      name: 'lookup order',
      type: 'tool_call',
      isRootSpan: false,
      isEvent: false,
      seq: 3,
      status: 'error',
      startTime: new Date(START / 1000),
      endTime: new Date((START + 12_345) / 1000),
      startUnixMicro: START,
      endUnixMicro: START + 12_345,
      entityType: 'tool',
      userId: 'u-1',
      serviceName: 'support-bot',
      input: { order: 17 },
      output: 'not found',
      attributes: { toolCallId: 'call_1', success: false },
      metadata: { attempt: 1 },
      tags: ['beta'],
      errorInfo: { message: 'no such order', name: 'NotFound', code: 'E404' },
    },
  };
}

export function metricEvent(): MetricEvent {
  return {
    type: 'metric',
    id: '0'.repeat(31).concat('1'),
    traceId,
    spanId,
    name: 'tokens',
    metricType: 'counter',
    value: 512,
    labels: { model: 'm-1' },
    unit: '{token}',
    ...at,
    correlation: { serviceName: 'support-bot' },
  };
}

export function logEvent(message = 'order not found', id = '0'.repeat(31).concat('2')): LogEvent {
  return {
    type: 'log',
    id,
    traceId,
    spanId,
    record: { level: 'warn', message, data: { order: 17 } },
    ...at,
  };
}

export function scoreEvent(): ScoreEvent {
  return {
    type: 'score',
    id: '0'.repeat(31).concat('3'),
    traceId,
    score: { scorerId: 'relevance', score: 0.25, label: 'poor', reason: 'off topic' },
    ...at,
  };
}

export function feedbackEvent(): FeedbackEvent {
  return {
    type: 'feedback',
    id: '0'.repeat(31).concat('4'),
    traceId,
    feedback: { feedbackType: 'thumbs', value: -1, comment: 'wrong order', userId: 'u-1' },
    ...at,
  };
}

/** One event of each signal. */
export function oneOfEach(): ObservabilityEvent[] {
  return [spanEvent(), metricEvent(), logEvent(), scoreEvent(), feedbackEvent()];
}
