import type { DuckDBConnection } from '@duckdb/node-api';
import type { AnyExportedSpan, TraceSummary } from '../../../core/index.ts';
import { SPANS } from '../file/columns.ts';
import { fromRow } from '../file/rows.ts';
import type { ReadContext } from './context.ts';
import type { KnownTrace } from './known-traces.ts';
import { rowsAt, type SpanPlace } from './spans.ts';
import { totalsOf } from './trace-totals.ts';

/** Where the entry span of a trace lies. */
export interface EntryPlace extends SpanPlace {
  traceId: string;
}

/** The traces of the entry spans at these places, in the same order. */
export async function summariesAt(
  connection: DuckDBConnection,
  places: readonly EntryPlace[],
): Promise<TraceSummary[]> {
  return (await readTraces(connection, places)).map(summaryOf);
}

/**
 * The same where each entry has its mark, which makes its trace plain in that state: what is known in it already is
 * not read again.
 */
export async function plainSummariesAt(
  { connection, traces }: ReadContext,
  places: readonly EntryPlace[],
  state: number | undefined,
): Promise<TraceSummary[]> {
  const known = places.map(({ traceId }) => traces.get(state, traceId));
  const unknown = places.filter((_, n) => !known[n]);
  const read = await readTraces(connection, unknown, true);
  unknown.forEach(({ traceId }, n) => {
    traces.set(state, traceId, read[n]!);
  });
  return known.map((trace) => summaryOf(trace ?? read.shift()!));
}

async function readTraces(
  connection: DuckDBConnection,
  places: readonly EntryPlace[],
  areMarked?: boolean,
): Promise<KnownTrace[]> {
  const entries = await rowsAt(connection, places, areMarked);
  const totals = await totalsOf(
    connection,
    places.map(({ traceId }) => traceId),
  );
  return places.map(({ traceId }, n) => ({ entry: entries[n]!, totals: totals.get(traceId)! }));
}

function summaryOf({ entry, totals }: KnownTrace): TraceSummary {
  const span = fromRow<AnyExportedSpan>(SPANS, entry);
  return { ...span, ...totals, hasChildError: totals.errorCount > (span.status === 'error' ? 1 : 0) };
}
