import type { DuckDBConnection, DuckDBListValue } from '@duckdb/node-api';
import type { ParsedQuery, PercentilesResult } from '../../../core/index.ts';
import type { MeasuredSource, SharedFilters } from './event-sources.ts';
import { measured } from './measured.ts';
import { readPoints } from './points.ts';

type Query<F> = Omit<ParsedQuery<'getMetricPercentiles'>, 'filters'> & { filters?: F | undefined };

/** Exact percentiles of the numbers of each group, interpolated between neighbours. */
export async function getPercentiles<F extends SharedFilters>(
  connection: DuckDBConnection,
  source: MeasuredSource<F>,
  { filters, percentiles, interval, by, limit }: Query<F>,
): Promise<PercentilesResult> {
  const records = measured(source, filters, by);
  const numbers = { ...records, sql: `SELECT * FROM (${records.sql}) WHERE value IS NOT NULL` };
  const wanted = `from_json(${records.where.bind(JSON.stringify(percentiles))}, '["DOUBLE"]')`;
  const value = `quantile_cont(value, ${wanted})`;
  const found = await readPoints(connection, numbers, { interval, limit, value });
  return {
    series: found.map(({ key, points }) => ({
      key,
      points: points.map(({ time, value, count }) => ({
        time,
        values: [...(value as DuckDBListValue).items] as number[],
        count,
      })),
    })),
  };
}
