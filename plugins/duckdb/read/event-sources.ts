import { CORRELATION_KEYS, type ParsedQuery } from '../../../core/index.ts';
import { FEEDBACK, LOGS, METRIC_SERIES, METRICS, SCORES, type Table } from '../file/columns.ts';
import { Where } from './where.ts';

type Filters<Q extends 'listMetrics' | 'listLogs' | 'listScores' | 'listFeedback'> = NonNullable<
  ParsedQuery<Q>['filters']
>;
/** The filters that all signals other than tracing have, and the one that costs most. */
export type SharedFilters = Omit<Filters<'listLogs'>, 'level'>;

/** The events of one signal as queries see them: rows of a table, called `s`. */
export interface EventSource<F extends SharedFilters = SharedFilters> {
  /** The signal, for messages. */
  readonly signal: string;
  readonly table: Table;
  /** Adds the conditions of the signal's own filters. */
  narrow(where: Where, filters: F): void;
  /** SQL of what the columns say beside `correlation`, by the key that queries group by. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Events that have values: what aggregates are made of. */
export interface MeasuredSource<F extends SharedFilters = SharedFilters> extends EventSource<F> {
  /** SQL of the value as a number; null where it is none. */
  readonly value: string;
  /** SQL that is equal for equal values, whatever they are. */
  readonly anyValue: string;
  /** SQL, by key, of what is said once for a whole series: of the rows of its table, called `m`. Other keys are labels. */
  readonly seriesKeys?: Readonly<Record<string, string>>;
}

const finite = (number: string): string => `CASE WHEN isfinite(${number}) THEN ${number} END`;

/** Observations of metrics. Their names and labels are looked up among the series, which are few. */
export const METRIC_SOURCE: MeasuredSource<Filters<'listMetrics'>> = {
  signal: 'metrics',
  table: METRICS,
  narrow(where, { name, metricType, labels }) {
    const series = new Where(where.values)
      .equal('m.name', name)
      .equal('m.metric_type', metricType)
      .entries('m.labels', labels);
    if (series.isEmpty) return;
    where.add(`s.series_id IN (SELECT m.series_id FROM ${METRIC_SERIES.name} m WHERE ${series.sql})`);
  },
  keys: { traceId: 's.trace_id' },
  value: finite('s.value'),
  anyValue: 's.value',
  seriesKeys: { name: 'm.name', metricType: 'm.metric_type' },
};

/** Log lines. */
export const LOG_SOURCE: EventSource<Filters<'listLogs'>> = {
  signal: 'logs',
  table: LOGS,
  narrow(where, { level, search }) {
    where.oneOf('s.level', level).search(['s.message', 's.data'], search);
  },
  keys: {},
};

/** Judgements by programs: numbers, words, or both. */
export const SCORE_SOURCE: MeasuredSource<Filters<'listScores'>> = {
  signal: 'scores',
  table: SCORES,
  narrow(where, { scorerId, search }) {
    where.equal('s.scorer_id', scorerId).search(['s.label', 's.reason'], search);
  },
  keys: {
    traceId: 's.trace_id',
    scorerId: 's.scorer_id',
    scorerName: 's.scorer_name',
    scorerVersion: 's.scorer_version',
    label: 's.label',
    source: 's.source',
  },
  value: finite('s.score'),
  anyValue: 'coalesce(to_json(s.score), to_json(s.label))',
};

/** Judgements by people: a number or a word. */
export const FEEDBACK_SOURCE: MeasuredSource<Filters<'listFeedback'>> = {
  signal: 'feedback',
  table: FEEDBACK,
  narrow(where, { feedbackType, search }) {
    where.equal('s.feedback_type', feedbackType).search(['s.value', 's.comment'], search);
  },
  keys: {
    traceId: 's.trace_id',
    feedbackType: 's.feedback_type',
    userId: "coalesce(s.user_id, json_extract_string(s.correlation, '/userId'))",
    source: 's.source',
    value: "s.value ->> '$'",
  },
  // A word stands in quotes there, so that it is no number even where it reads like one.
  value: finite('TRY_CAST(CAST(s.value AS VARCHAR) AS DOUBLE)'),
  anyValue: 's.value',
};

const CORRELATION: Readonly<Record<string, string>> = Object.fromEntries(
  CORRELATION_KEYS.map((key) => [key, `json_extract_string(s.correlation, '/${key}')`]),
);

/** SQL of what events can be grouped by, by key; labels are not among it. */
export function keysOf({ keys }: EventSource): Readonly<Record<string, string>> {
  return { ...CORRELATION, ...keys };
}

/** The conditions of a query about the events of a signal. */
export function eventWhere<F extends SharedFilters>(source: EventSource<F>, filters: F | undefined): Where {
  const where = new Where();
  if (!filters) return where;
  for (const key of CORRELATION_KEYS) {
    // Feedback says itself who gave it.
    const said = key === 'userId' ? keysOf(source) : CORRELATION;
    where.equal(said[key]!, filters[key]);
  }
  where
    .equal('s.trace_id', filters.traceId)
    .equal('s.span_id', filters.spanId)
    .within('s."timestamp"', filters.timestamp);
  source.narrow(where, filters);
  return where;
}
