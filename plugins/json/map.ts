import {
  CORRELATION_KEYS,
  type EventOf,
  type ObservabilityEvent,
  type Signal,
  signalOf,
} from '../../core/index.ts';

type KeyOf<T> = T extends unknown ? keyof T : never;
type Keys<S extends Signal> = readonly Exclude<KeyOf<EventOf[S]>, 'type'>[];

const BEFORE = ['id', 'traceId', 'spanId'] as const;
const AFTER = ['timestamp', 'timeUnixMicro', 'correlation', 'scope', 'truncated'] as const;

/** The fields of each signal's line behind `time`, `signal` and `type`, in this order. */
const FIELDS: { [S in Signal]: Keys<S> } = {
  tracing: ['exportedSpan', 'error'],
  metrics: [...BEFORE, 'name', 'metricType', 'value', 'labels', 'unit', 'description', 'metadata', ...AFTER],
  logs: [...BEFORE, 'record', ...AFTER],
  scores: [...BEFORE, 'score', ...AFTER],
  feedback: [...BEFORE, 'feedback', ...AFTER],
};

type SpanKey = keyof EventOf['tracing']['exportedSpan'];

const SPAN_FIELDS: readonly SpanKey[] = [
  'id',
  'traceId',
  'parentSpanId',
  'name',
  'type',
  'isRootSpan',
  'isEvent',
  'seq',
  'status',
  'startTime',
  'endTime',
  'startUnixMicro',
  'endUnixMicro',
  ...CORRELATION_KEYS,
  'input',
  'output',
  'attributes',
  'metadata',
  'tags',
  'scope',
  'links',
  'errorInfo',
  'truncated',
];

/** One line as an object. The README documents the fields. */
export type JsonLine = { time: string; signal: Signal; type: string } & Record<string, unknown>;

/**
 * An event as one plain object whose fields are always in the same order: when, what, then the event as it was
 * emitted. Fields added by others come last. `time` of a tracing event is the end of its span, else its start.
 * @throws RangeError for an event without a valid time.
 */
export function toLine(event: ObservabilityEvent): JsonLine {
  const signal = signalOf(event);
  const line: JsonLine = { time: rfc3339(timeOf(event)), signal, type: event.type };
  copyInOrder(event, FIELDS[signal], line);
  if ('exportedSpan' in event) line['exportedSpan'] = copyInOrder(event.exportedSpan, SPAN_FIELDS, {});
  return line;
}

/** When an event happened, in microseconds since the Unix epoch. */
export function timeOf(event: ObservabilityEvent): number {
  if (!('exportedSpan' in event)) return event.timeUnixMicro;
  return event.exportedSpan.endUnixMicro ?? event.exportedSpan.startUnixMicro;
}

/** Microseconds since the Unix epoch as RFC 3339 in UTC, such as `2026-01-02T03:04:05.678901Z`. */
export function rfc3339(unixMicro: number): string {
  const ms = Math.floor(unixMicro / 1000);
  const micros = String(unixMicro - ms * 1000).padStart(3, '0');
  return `${new Date(ms).toISOString().slice(0, -1)}${micros}Z`;
}

function copyInOrder<T extends object>(from: object, order: readonly string[], to: T): T {
  const source = from as Record<string, unknown>;
  const target = to as Record<string, unknown>;
  for (const key of order) if (source[key] !== undefined) target[key] = source[key];
  for (const key of Object.keys(source)) if (!Object.hasOwn(target, key)) target[key] = source[key];
  return to;
}
