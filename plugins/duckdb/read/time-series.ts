import type { DuckDBConnection } from '@duckdb/node-api';
import type { ParsedQuery, TimeSeriesResult } from '../../../core/index.ts';
import type { MeasuredSource, SharedFilters } from './event-sources.ts';
import { AGGREGATES, measured } from './measured.ts';
import { readPoints } from './points.ts';

type Query<F> = Omit<ParsedQuery<'getMetricTimeSeries'>, 'filters'> & { filters?: F | undefined };

/** Values over time for each group. */
export async function getTimeSeries<F extends SharedFilters>(
  connection: DuckDBConnection,
  source: MeasuredSource<F>,
  { filters, aggregation, interval, by, limit }: Query<F>,
): Promise<TimeSeriesResult> {
  const records = measured(source, filters, by);
  const found = await readPoints(connection, records, { interval, limit, value: AGGREGATES[aggregation] });
  return {
    series: found.map(({ key, points }) => ({
      key,
      points: points.map(({ time, value }) => ({ time, value: value as number | null })),
    })),
  };
}
