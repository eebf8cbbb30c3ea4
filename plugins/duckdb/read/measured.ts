import { ObsError } from '../../../core/index.ts';
import { METRIC_SERIES } from '../file/columns.ts';
import { eventWhere, keysOf, type MeasuredSource, type SharedFilters } from './event-sources.ts';
import { jsonPointer, type Where } from './where.ts';

/** How many values become one: SQL over the rows of {@link Measured}, by aggregation. */
export const AGGREGATES = {
  sum: 'coalesce(sum(value), 0)',
  avg: 'avg(value)',
  min: 'min(value)',
  max: 'max(value)',
  count: 'CAST(count(*) AS DOUBLE)',
  last: 'arg_max(value, (time, id))',
  distinct: 'CAST(count(DISTINCT any_value) AS DOUBLE)',
} as const;

/** The records that a query about values is about. */
export interface Measured {
  /** A SELECT of `time`, `id`, `value`, `any_value` and a column for each key. */
  readonly sql: string;
  /** Its conditions, whose values are bound. */
  readonly where: Where;
  /** The keys of `by` without repeats. */
  readonly by: readonly string[];
  /** The columns with their values, in the same order. */
  readonly columns: readonly string[];
}

/** What is measured by the records of a signal that match. @throws ObsError `OBS_STORE_QUERY` for an unknown key. */
export function measured<F extends SharedFilters>(
  source: MeasuredSource<F>,
  filters: F | undefined,
  givenBy: readonly string[],
): Measured {
  const where = eventWhere(source, filters);
  const by = [...new Set(givenBy)];
  const columns = by.map((_, n) => `k${n}`);
  const keys = by.map((key, n) => ({ column: `k${n}`, ...keySql(source, key, where) }));
  const select = [
    's."timestamp" AS time',
    's.id',
    `${source.value} AS value`,
    `${source.anyValue} AS any_value`,
    ...keys.map(({ column, isOfSeries, sql }) => (isOfSeries ? column : `${sql} AS ${column}`)),
  ];
  const ofSeries = keys.filter(({ isOfSeries }) => isOfSeries);
  // Labels are taken out of the few series before the join, not out of every observation.
  const series = ofSeries.map(({ sql, column }) => `, ${sql} AS ${column}`).join('');
  const join = `JOIN (SELECT m.series_id${series} FROM ${METRIC_SERIES.name} m) USING (series_id)`;
  const from = `${source.table.name} s ${ofSeries.length > 0 ? join : ''}`;
  return { sql: `SELECT ${select.join(', ')} FROM ${from} WHERE ${where.sql}`, where, by, columns };
}

const LABEL = 'labels.';

function keySql(source: MeasuredSource, key: string, where: Where): { sql: string; isOfSeries: boolean } {
  const known = keysOf(source);
  if (Object.hasOwn(known, key)) return { sql: known[key]!, isOfSeries: false };
  const { seriesKeys } = source;
  if (!seriesKeys) {
    const choice = Object.keys(known).sort().join(', ');
    throw new ObsError('OBS_STORE_QUERY', `by: ${source.signal} have no "${key}"; there is ${choice}`);
  }
  if (Object.hasOwn(seriesKeys, key)) return { sql: seriesKeys[key]!, isOfSeries: true };
  const label = key.startsWith(LABEL) ? key.slice(LABEL.length) : key;
  return { sql: `json_extract_string(m.labels, ${where.bind(jsonPointer(label))})`, isOfSeries: true };
}
