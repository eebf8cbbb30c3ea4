import { CORRELATION_KEYS } from '../../../core/index.ts';

/** How a value lies in a column: `json` is JSON text, `integer` 64 bits, `time` microseconds since the Unix epoch. */
export type ColumnKind = 'text' | 'json' | 'boolean' | 'integer' | 'number' | 'time';

/** One column and the field that it holds. */
export interface Column {
  /** Its name in SQL. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** Where the value is in the record; of a time: the microseconds. */
  readonly path: readonly string[];
  /** Of a time: where the same time is as a Date. */
  readonly datePath?: readonly string[];
  /** Without it a record cannot be stored. */
  readonly isRequired?: true;
  /** Part of what two deliveries of one record have in common; never empty. */
  readonly isIdentity?: true;
  readonly compression?: 'zstd';
}

/** A table whose rows are the records of one signal. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** What every record of the table has and no column holds. */
  readonly constants: Readonly<Record<string, string>>;
}

type More = Partial<Pick<Column, 'isRequired' | 'isIdentity' | 'compression'>>;

const REQUIRED = { isRequired: true } as const;
const IDENTITY = { isRequired: true, isIdentity: true } as const;
const ZSTD = { compression: 'zstd' } as const;

function column(kind: ColumnKind, name: string, field: string, more: More = {}): Column {
  return { name, kind, path: field.split('.'), ...more };
}
const text = column.bind(null, 'text');
const json = column.bind(null, 'json');
const boolean = column.bind(null, 'boolean');
const integer = column.bind(null, 'integer');
const number = column.bind(null, 'number');

function time(name: string, field: string, dateField: string, more: More = {}): Column {
  return { ...column('time', name, field, more), datePath: [dateField] };
}

const snake = (camel: string): string => camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Spans, one row each. The payload columns are compressed hard: they are most of the bytes. */
export const SPANS: Table = {
  name: 'obs_spans',
  constants: {},
  columns: [
    text('trace_id', 'traceId', IDENTITY),
    text('span_id', 'id', IDENTITY),
    text('parent_span_id', 'parentSpanId'),
    text('name', 'name', REQUIRED),
    text('type', 'type', REQUIRED),
    boolean('is_root_span', 'isRootSpan'),
    boolean('is_event', 'isEvent'),
    integer('seq', 'seq'),
    text('status', 'status'),
    time('started_at', 'startUnixMicro', 'startTime', REQUIRED),
    time('ended_at', 'endUnixMicro', 'endTime'),
    ...CORRELATION_KEYS.map((key) => text(snake(key), key)),
    json('input', 'input', ZSTD),
    json('output', 'output', ZSTD),
    json('attributes', 'attributes'),
    json('metadata', 'metadata'),
    json('tags', 'tags'),
    json('scope', 'scope'),
    json('links', 'links'),
    json('error_info', 'errorInfo'),
    json('truncated', 'truncated'),
  ],
};

const EVENT_COLUMNS = [
  text('id', 'id', IDENTITY),
  text('trace_id', 'traceId'),
  text('span_id', 'spanId'),
  time('timestamp', 'timeUnixMicro', 'timestamp', REQUIRED),
];
const EVENT_CONTEXT = [
  json('correlation', 'correlation'),
  json('scope', 'scope'),
  json('truncated', 'truncated'),
];

/** What observations of metrics have in common: what was measured, and with which labels. */
export const METRIC_SERIES: Table = {
  name: 'obs_metric_series',
  constants: {},
  columns: [
    integer('series_id', 'seriesId', IDENTITY),
    text('name', 'name', REQUIRED),
    text('metric_type', 'metricType', REQUIRED),
    text('unit', 'unit'),
    text('description', 'description'),
    json('labels', 'labels'),
  ],
};

/** Raw observations of metrics, each of one series. */
export const METRICS: Table = {
  name: 'obs_metric_points',
  constants: { type: 'metric' },
  columns: [
    ...EVENT_COLUMNS,
    integer('series_id', 'seriesId', REQUIRED),
    number('value', 'value', REQUIRED),
    json('metadata', 'metadata'),
    ...EVENT_CONTEXT,
  ],
};

/** Log lines. */
export const LOGS: Table = {
  name: 'obs_logs',
  constants: { type: 'log' },
  columns: [
    ...EVENT_COLUMNS,
    text('level', 'record.level', REQUIRED),
    text('message', 'record.message', REQUIRED),
    json('data', 'record.data', ZSTD),
    ...EVENT_CONTEXT,
  ],
};

/** Judgements by programs. */
export const SCORES: Table = {
  name: 'obs_scores',
  constants: { type: 'score' },
  columns: [
    ...EVENT_COLUMNS,
    text('scorer_id', 'score.scorerId', REQUIRED),
    text('scorer_name', 'score.scorerName'),
    text('scorer_version', 'score.scorerVersion'),
    number('score', 'score.score'),
    text('label', 'score.label'),
    text('reason', 'score.reason'),
    text('source', 'score.source'),
    json('metadata', 'score.metadata'),
    ...EVENT_CONTEXT,
  ],
};

/** Judgements by people. */
export const FEEDBACK: Table = {
  name: 'obs_feedback',
  constants: { type: 'feedback' },
  columns: [
    ...EVENT_COLUMNS,
    text('feedback_type', 'feedback.feedbackType', REQUIRED),
    json('value', 'feedback.value', REQUIRED),
    text('comment', 'feedback.comment'),
    text('user_id', 'feedback.userId'),
    text('source', 'feedback.source'),
    json('metadata', 'feedback.metadata'),
    ...EVENT_CONTEXT,
  ],
};

/** The tables of the signals without updates. */
export const EVENT_TABLES = [METRICS, LOGS, SCORES, FEEDBACK] as const;
