import type { DuckDBConnection } from '@duckdb/node-api';
import type { AnyExportedSpan, TraceSummary } from '../../../core/index.ts';
import { rowsOf } from './spans.ts';

/** What a list shows of a trace beside its entry span. */
export type TraceTotals = Omit<TraceSummary, keyof AnyExportedSpan>;

const attribute = (path: string): string =>
  `TRY_CAST(json_extract_string(attributes, '$.${path}') AS DOUBLE)`;

/**
 * Usage is reported twice where a model call has steps of its own: a report counts only when no span above it
 * reports the same measure.
 */
const TOTALS = `
  WITH RECURSIVE spans AS MATERIALIZED (
    SELECT trace_id, span_id, parent_span_id, status,
      ${attribute('usage.inputTokens')} AS input_tokens,
      ${attribute('usage.outputTokens')} AS output_tokens,
      coalesce(
        ${attribute('cost.total')},
        ${attribute('cost.input')} + ${attribute('cost.output')},
        ${attribute('cost.input')},
        ${attribute('cost.output')}
      ) AS cost
    FROM obs_spans WHERE trace_id IN (SELECT unnest(from_json($1, '["VARCHAR"]')))
  ),
  reports AS MATERIALIZED (
    SELECT trace_id, span_id, 'inputTokens' AS measure, input_tokens AS amount FROM spans
      WHERE input_tokens IS NOT NULL
    UNION ALL
    SELECT trace_id, span_id, 'outputTokens', output_tokens FROM spans WHERE output_tokens IS NOT NULL
    UNION ALL
    SELECT trace_id, span_id, 'cost', cost FROM spans WHERE cost IS NOT NULL
  ),
  below AS (
    SELECT child.trace_id, child.span_id, r.measure
    FROM reports r JOIN spans child ON child.trace_id = r.trace_id AND child.parent_span_id = r.span_id
    UNION
    SELECT child.trace_id, child.span_id, b.measure
    FROM below b JOIN spans child ON child.trace_id = b.trace_id AND child.parent_span_id = b.span_id
  ),
  sums AS (
    SELECT trace_id, measure, sum(amount) AS amount
    FROM reports r ANTI JOIN below b USING (trace_id, span_id, measure)
    GROUP BY trace_id, measure
  )
  SELECT trace_id, NULL AS measure, NULL AS amount, count(*) AS spans,
    count(*) FILTER (status = 'error') AS errors
  FROM spans GROUP BY trace_id
  UNION ALL
  SELECT trace_id, measure, amount, NULL, NULL FROM sums`;

/** The totals of the traces of these entry spans, by trace id. */
export async function summariesOf(
  connection: DuckDBConnection,
  entries: readonly AnyExportedSpan[],
): Promise<Map<string, TraceTotals>> {
  const totals = new Map<string, TraceTotals>();
  if (entries.length === 0) return totals;
  const isFailed = new Set(entries.filter(({ status }) => status === 'error').map(({ traceId }) => traceId));
  const traceIds = JSON.stringify(entries.map(({ traceId }) => traceId));
  for (const [id, measure, amount, spans, errors] of await rowsOf(connection, TOTALS, [traceIds])) {
    const traceId = id as string;
    const known = totals.get(traceId) ?? {
      spanCount: 0,
      errorCount: 0,
      runningCount: 0,
      hasChildError: false,
    };
    totals.set(traceId, known);
    if (measure !== null) known[measure as 'inputTokens' | 'outputTokens' | 'cost'] = amount as number;
    else {
      known.spanCount = Number(spans);
      known.errorCount = Number(errors);
      known.hasChildError = known.errorCount > (isFailed.has(traceId) ? 1 : 0);
    }
  }
  return totals;
}
