import {
  CORRELATION_KEYS,
  type EventOf,
  type ObservabilityEvent,
  type Signal,
  signalOf,
} from '../../core/index.ts';
import { dateText, rfc3339 } from './time.ts';

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

/** Copies the fields in this order, then the others. */
function copyInOrder<T extends object>(from: object, order: readonly string[], to: T): T {
  const source = from as Record<string, unknown>;
  const target = to as Record<string, unknown>;
  let others = Object.keys(source).length;
  for (const key of order) {
    const value = source[key];
    if (value === undefined) continue;
    target[key] = value instanceof Date ? dateText(value) : value;
    others--;
  }
  if (others > 0) {
    for (const key of Object.keys(source)) if (!Object.hasOwn(target, key)) target[key] = source[key];
  }
  return to;
}
