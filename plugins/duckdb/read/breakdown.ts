import type { DuckDBConnection } from '@duckdb/node-api';
import type { BreakdownResult, ParsedQuery } from '../../../core/index.ts';
import type { MeasuredSource, SharedFilters } from './event-sources.ts';
import { groupKey } from './group-key.ts';
import { AGGREGATES, measured } from './measured.ts';
import { rowsOf } from './rows-of.ts';

type Query<F> = Omit<ParsedQuery<'getMetricBreakdown'>, 'filters'> & { filters?: F | undefined };

/** One value for each group, the highest first; of equal ones that of most records. */
export async function getBreakdown<F extends SharedFilters>(
  connection: DuckDBConnection,
  source: MeasuredSource<F>,
  { filters, aggregation, by: givenBy, limit }: Query<F>,
): Promise<BreakdownResult> {
  const { sql, where, by, columns } = measured(source, filters, givenBy);
  const keys = columns.join(', ');
  const query = `
    SELECT value, count, count(*) OVER () AS total, ${keys}
    FROM (
      SELECT ${keys}, ${AGGREGATES[aggregation]} AS value, count(*) AS count FROM (${sql}) GROUP BY ${keys}
    )
    ORDER BY value DESC NULLS LAST, count DESC, ${keys} LIMIT ${BigInt(limit)}`;
  const rows = await rowsOf(connection, query, where.values);
  return {
    groups: rows.map(([value, count, , ...values]) => ({
      key: groupKey(by, values),
      value: value as number | null,
      count: Number(count),
    })),
    total: Number(rows[0]?.[2] ?? 0),
  };
}
