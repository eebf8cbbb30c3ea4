import type { DuckDBConnection } from '@duckdb/node-api';
import type { AnyExportedSpan, TraceSummary } from '../../../core/index.ts';
import { totalsOf } from './trace-totals.ts';

/** The traces of these entry spans, in the same order. */
export async function summariesOf(
  connection: DuckDBConnection,
  entries: readonly AnyExportedSpan[],
): Promise<TraceSummary[]> {
  const totals = await totalsOf(
    connection,
    entries.map(({ traceId }) => traceId),
  );
  return entries.map((entry) => {
    const its = totals.get(entry.traceId)!;
    return { ...entry, ...its, hasChildError: its.errorCount > (entry.status === 'error' ? 1 : 0) };
  });
}
