import {
  createIdSource,
  createSystemClock,
  type EventOf,
  type ExportedSpan,
  type FeedbackEvent,
  type LogEvent,
  type MetricEvent,
  type ScoreEvent,
  type Signal,
  type TracingEvent,
  TracingEventType,
} from '../../core/index.ts';

const ids = createIdSource();
const clock = createSystemClock();
let made = 0;

/** An event without the fields that are always filled in, or with some of them replaced. */
type Overrides<E, Content extends keyof E> = Partial<Omit<E, Content>> & { [K in Content]?: Partial<E[K]> };

/** A span that has ended, a root of its own trace, unless told otherwise; an undefined field is left out. */
export function exportedSpan(
  fields: { [K in keyof ExportedSpan]?: ExportedSpan[K] | undefined } = {},
): ExportedSpan {
  const startUnixMicro = fields.startUnixMicro ?? clock.unixMicro();
  const { status = 'ok', endUnixMicro = status === 'running' ? undefined : startUnixMicro + 1_500 } = fields;
  const span = {
    id: ids.spanId(),
    traceId: ids.traceId(startUnixMicro),
    name: `span ${++made}`,
    type: 'generic',
    isRootSpan: fields.parentSpanId === undefined,
    isEvent: false,
    seq: status === 'running' ? 1 : 2,
    status,
    startTime: new Date(startUnixMicro / 1000),
    startUnixMicro,
    endTime: endUnixMicro === undefined ? undefined : new Date(endUnixMicro / 1000),
    endUnixMicro,
    ...fields,
  };
  return withoutUndefined(span) as unknown as ExportedSpan;
}

/** An event of a span; by default its end. The fields are those of the span. */
export function spanEvent(
  fields: Parameters<typeof exportedSpan>[0] = {},
  type: Exclude<TracingEvent['type'], 'span.error'> = TracingEventType.SPAN_ENDED,
): TracingEvent {
  const isOver = type === TracingEventType.SPAN_ENDED;
  return { type, exportedSpan: exportedSpan({ ...(!isOver && { status: 'running' }), ...fields }) };
}

/** An observation of a counter; its label `id` is its own. */
export function metricEvent(fields: Partial<MetricEvent> = {}): MetricEvent {
  const frame = frameOf(fields);
  const labels = { id: frame.id };
  return { type: 'metric', ...frame, name: 'requests', metricType: 'counter', value: 1, labels, ...fields };
}

/** A log line; its message is its own. */
export function logEvent({ record, ...fields }: Overrides<LogEvent, 'record'> = {}): LogEvent {
  return {
    type: 'log',
    ...frameOf(fields),
    ...fields,
    record: { level: 'info', message: `message ${++made}`, ...record },
  };
}

/** A score on a span that nobody else knows. */
export function scoreEvent({ score, ...fields }: Overrides<ScoreEvent, 'score'> = {}): ScoreEvent {
  return {
    type: 'score',
    ...frameOf(fields),
    ...aboutSpan(fields),
    ...fields,
    score: { scorerId: `scorer-${++made}`, score: 0.5, ...score },
  };
}

/** Feedback on a span that nobody else knows. */
export function feedbackEvent({
  feedback,
  ...fields
}: Overrides<FeedbackEvent, 'feedback'> = {}): FeedbackEvent {
  return {
    type: 'feedback',
    ...frameOf(fields),
    ...aboutSpan(fields),
    ...fields,
    feedback: { feedbackType: `kind-${++made}`, value: 1, comment: 'good', ...feedback },
  };
}

const MAKE: { readonly [S in Signal]: () => EventOf[S] } = {
  tracing: () => spanEvent(),
  metrics: () => metricEvent(),
  logs: () => logEvent(),
  scores: () => scoreEvent(),
  feedback: () => feedbackEvent(),
};

/** So many different events of a signal; of tracing the ends of spans. */
export function eventsOf<S extends Signal>(signal: S, count: number): EventOf[S][] {
  return Array.from({ length: count }, () => MAKE[signal]() as EventOf[S]);
}

/** The identity of an event: of a span its id, of others their own. */
export function identityOf(event: EventOf[Signal]): string {
  return 'exportedSpan' in event ? event.exportedSpan.id : event.id;
}

function frameOf({ timeUnixMicro = clock.unixMicro() }: { timeUnixMicro?: number | undefined }) {
  return { id: ids.eventId(timeUnixMicro), timestamp: new Date(timeUnixMicro / 1000), timeUnixMicro };
}

function aboutSpan({ timeUnixMicro = clock.unixMicro() }: { timeUnixMicro?: number | undefined }) {
  return { traceId: ids.traceId(timeUnixMicro), spanId: ids.spanId() };
}

function withoutUndefined(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
