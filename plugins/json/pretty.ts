import {
  type FeedbackEvent,
  type LogEvent,
  type MetricEvent,
  type ObservabilityEvent,
  printable,
  type ScoreEvent,
  type TracingEvent,
} from '../../core/index.ts';
import { timeOf } from './map.ts';
import { rfc3339 } from './time.ts';

/** Characters of one value that are shown. */
const MAX_VALUE = 160;

const SGR = { dim: 2, bold: 1, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
type Style = keyof typeof SGR;
type Paint = (style: Style, text: string) => string;

const plain: Paint = (_style, text) => text;
const colours: Paint = (style, text) => (text === '' ? '' : `\u001b[${SGR[style]}m${text}\u001b[0m`);

/**
 * An event as one line to read: time (UTC), what, the values, the ids. All text of the event is made safe for a
 * terminal; values beyond 160 characters end with `…(+<characters left out>)`.
 */
export function pretty(event: ObservabilityEvent, options: { colour: boolean }): string {
  const paint = options.colour ? colours : plain;
  const time = paint('dim', rfc3339(timeOf(event)).slice(11, 23));
  return [time, ...partsOf(event, paint)].filter((part) => part !== '').join(' ');
}

function partsOf(event: ObservabilityEvent, paint: Paint): string[] {
  switch (event.type) {
    case 'metric':
      return metricParts(event, paint);
    case 'log':
      return logParts(event, paint);
    case 'score':
      return scoreParts(event, paint);
    case 'feedback':
      return feedbackParts(event, paint);
    default:
      return spanParts(event, paint);
  }
}

const STATUS_STYLE: Record<string, Style> = { ok: 'green', error: 'red' };

function spanParts({ type, exportedSpan: span }: TracingEvent, paint: Paint): string[] {
  const { endUnixMicro, startUnixMicro, status, errorInfo } = span;
  const ended = endUnixMicro !== undefined && !span.isEvent;
  return [
    paint('cyan', show(type)),
    show(span.type),
    paint('bold', show(span.name)),
    paint(STATUS_STYLE[status] ?? 'dim', show(status)),
    ended ? duration(endUnixMicro - startUnixMicro) : '',
    errorInfo ? paint('red', show(`${errorInfo.name ?? 'Error'}: ${errorInfo.message}`)) : '',
    field('input', type === 'span.started' ? span.input : undefined, paint),
    field('output', span.output, paint),
    ids(paint, span.traceId, span.id, span.parentSpanId),
  ];
}

function metricParts(event: MetricEvent, paint: Paint): string[] {
  const unit = event.unit === undefined ? '' : ` ${show(event.unit)}`;
  return [
    paint('blue', event.type),
    show(event.metricType),
    paint('bold', show(event.name)),
    `${show(event.value)}${unit}`,
    ...Object.entries(event.labels).map(([key, value]) => field(key, value, paint)),
    ids(paint, event.traceId, event.spanId),
  ];
}

const LEVEL_STYLE: Record<string, Style> = {
  debug: 'dim',
  info: 'green',
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
};

function logParts({ type, record, traceId, spanId }: LogEvent, paint: Paint): string[] {
  const level = show(record.level);
  return [
    paint('blue', type),
    paint(LEVEL_STYLE[record.level] ?? 'dim', level.toUpperCase()),
    show(record.message),
    field('data', record.data, paint),
    ids(paint, traceId, spanId),
  ];
}

function scoreParts({ type, score, traceId, spanId }: ScoreEvent, paint: Paint): string[] {
  return [
    paint('blue', type),
    paint('bold', show(score.scorerName ?? score.scorerId)),
    show(score.score ?? ''),
    show(score.label ?? ''),
    field('reason', score.reason, paint),
    ids(paint, traceId, spanId),
  ];
}

function feedbackParts({ type, feedback, traceId, spanId }: FeedbackEvent, paint: Paint): string[] {
  return [
    paint('blue', type),
    paint('bold', show(feedback.feedbackType)),
    show(feedback.value),
    field('comment', feedback.comment, paint),
    field('user', feedback.userId, paint),
    ids(paint, traceId, spanId),
  ];
}

function field(name: string, value: unknown, paint: Paint): string {
  return value === undefined ? '' : `${paint('dim', `${show(name)}=`)}${show(value)}`;
}

/** Ids in full, to be copied into a command. */
function ids(paint: Paint, traceId?: string, spanId?: string, parentId?: string): string {
  const parts = [
    traceId === undefined ? '' : `trace=${show(traceId)}`,
    spanId === undefined ? '' : `span=${show(spanId)}`,
    parentId === undefined ? '' : `parent=${show(parentId)}`,
  ];
  return paint('dim', parts.filter((part) => part !== '').join(' '));
}

function duration(micros: number): string {
  if (micros < 1_000) return `${micros}µs`;
  if (micros < 1_000_000) return `${(micros / 1_000).toFixed(1)}ms`;
  return `${(micros / 1_000_000).toFixed(2)}s`;
}

/** Any value as bounded text on one line, safe for a terminal. */
function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  if (text.length <= MAX_VALUE) return printable(text);
  // Not between the halves of a surrogate pair.
  const end = /[\ud800-\udbff]/.test(text[MAX_VALUE - 1]!) ? MAX_VALUE - 1 : MAX_VALUE;
  return `${printable(text.slice(0, end))}…(+${text.length - end})`;
}
