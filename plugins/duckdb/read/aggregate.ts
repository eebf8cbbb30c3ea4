import type { DuckDBConnection } from '@duckdb/node-api';
import type { AggregateResult, ParsedQuery } from '../../../core/index.ts';
import type { MeasuredSource, SharedFilters } from './event-sources.ts';
import { AGGREGATES, measured } from './measured.ts';
import { rowsOf } from './rows-of.ts';
import type { TimeRange } from './where.ts';

type Query<F> = Omit<ParsedQuery<'getMetricAggregate'>, 'filters'> & { filters?: F | undefined };

/** One value over all that match, and how it differs from the period before. */
export async function getAggregate<F extends SharedFilters>(
  connection: DuckDBConnection,
  source: MeasuredSource<F>,
  { filters, aggregation, compareWithPrevious }: Query<F>,
): Promise<AggregateResult> {
  const measure = async (wanted: F | undefined): Promise<number | null> => {
    const { sql, where } = measured(source, wanted, []);
    const [row] = await rowsOf(connection, `SELECT ${AGGREGATES[aggregation]} FROM (${sql})`, where.values);
    return row![0] as number | null;
  };
  const value = await measure(filters);
  if (!compareWithPrevious || !filters?.timestamp) return { value };
  const previous = await measure({ ...filters, timestamp: periodBefore(filters.timestamp) });
  return { value, previous, change: changeOf(value, previous) };
}

/** As long as the period, and its end is where the period begins: nothing is counted twice or left out. */
function periodBefore({ start, end, startExclusive = false }: TimeRange): TimeRange {
  const startMs = start!.getTime();
  return {
    start: new Date(startMs - (end!.getTime() - startMs)),
    startExclusive,
    end: start,
    endExclusive: !startExclusive,
  };
}

function changeOf(value: number | null, previous: number | null): number | null {
  if (value === null || previous === null || previous === 0) return null;
  return (value - previous) / Math.abs(previous);
}
