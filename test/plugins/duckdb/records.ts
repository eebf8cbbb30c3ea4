import type {
  ExportedSpan,
  FeedbackEvent,
  LogEvent,
  MetricEvent,
  ScoreEvent,
  SpanChange,
} from '../../../core/index.ts';

/** 2026-01-02T03:04:05.678901Z */
export const START = 1_767_323_045_678_901;

export const traceId = (n: number): string =>
  (0x19b7cbe5a000 + n).toString(16).padStart(12, '0').padEnd(32, '7');
export const spanId = (n: number): string => (n + 1).toString(16).padStart(16, '0');
export const eventId = (n: number): string => (n + 1).toString(16).padStart(32, '0');

/** A span that has ended; `more` replaces fields, and an undefined one removes its field. */
export function span(trace: number, n: number, more: Partial<Record<keyof ExportedSpan, unknown>> = {}) {
  const startUnixMicro = (more.startUnixMicro as number) ?? START + trace * 1_000_000 + n * 1_000;
  const record: Record<string, unknown> = {
    id: spanId(n),
    traceId: traceId(trace),
    name: `span ${n}`,
    type: 'generic',
    isRootSpan: n === 0,
    isEvent: false,
    seq: 2,
    status: 'ok',
    startTime: new Date(startUnixMicro / 1000),
    startUnixMicro,
    endTime: new Date((startUnixMicro + 500) / 1000),
    endUnixMicro: startUnixMicro + 500,
    ...(n > 0 && { parentSpanId: spanId(0) }),
    ...more,
  };
  for (const key of Object.keys(record)) if (record[key] === undefined) delete record[key];
  return record as unknown as ExportedSpan;
}

/** The first snapshot of a span: it runs. */
export function started(trace: number, n: number, more: Partial<Record<keyof ExportedSpan, unknown>> = {}) {
  return span(trace, n, { seq: 1, status: 'running', endTime: undefined, endUnixMicro: undefined, ...more });
}

/** A snapshot as the host hands it over for a span that it handed over before. */
export function change(snapshot: ExportedSpan): SpanChange {
  return { traceId: snapshot.traceId, spanId: snapshot.id, updates: snapshot };
}

function at(n: number) {
  const timeUnixMicro = START + n * 1_000;
  return { id: eventId(n), timestamp: new Date(timeUnixMicro / 1000), timeUnixMicro };
}

export function metric(n: number, more: Partial<MetricEvent> = {}): MetricEvent {
  return { type: 'metric', ...at(n), name: 'tokens', metricType: 'counter', value: n, labels: {}, ...more };
}
export function log(n: number, more: Partial<LogEvent> = {}): LogEvent {
  return { type: 'log', ...at(n), record: { level: 'info', message: `line ${n}` }, ...more };
}
export function score(n: number, more: Partial<ScoreEvent> = {}): ScoreEvent {
  return { type: 'score', ...at(n), score: { scorerId: 'relevance', score: n }, ...more };
}
export function feedback(n: number, more: Partial<FeedbackEvent> = {}): FeedbackEvent {
  return { type: 'feedback', ...at(n), feedback: { feedbackType: 'thumbs', value: 1 }, ...more };
}
