import type { DuckDBConnection } from '@duckdb/node-api';
import type { AnyExportedSpan, TraceSummary } from '../../../core/index.ts';
import { isOneOfSql } from './entries.ts';
import { rowsOf } from './spans.ts';

/** What a trace amounts to. */
export type TraceTotals = Pick<
  TraceSummary,
  'spanCount' | 'errorCount' | 'runningCount' | 'inputTokens' | 'outputTokens' | 'cost'
>;

const attribute = (path: string): string =>
  `TRY_CAST(json_extract_string(attributes, '$.${path}') AS DOUBLE)`;

/**
 * Usage is reported twice where a model call has steps of its own: a report counts only when no span above it
 * reports the same measure. The spans below a report are found level by level, each once, also in a circle.
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
    FROM obs_spans WHERE ${isOneOfSql('$1')}
  ),
  below AS (
    SELECT child.trace_id, child.span_id,
      r.input_tokens IS NOT NULL AS is_input, r.output_tokens IS NOT NULL AS is_output, r.cost IS NOT NULL AS is_cost
    FROM spans r JOIN spans child ON child.trace_id = r.trace_id AND child.parent_span_id = r.span_id
    WHERE coalesce(r.input_tokens, r.output_tokens, r.cost) IS NOT NULL
    UNION
    SELECT child.trace_id, child.span_id, b.is_input, b.is_output, b.is_cost
    FROM below b JOIN spans child ON child.trace_id = b.trace_id AND child.parent_span_id = b.span_id
  ),
  covered AS (
    SELECT trace_id, span_id,
      bool_or(is_input) AS is_input, bool_or(is_output) AS is_output, bool_or(is_cost) AS is_cost
    FROM below GROUP BY trace_id, span_id
  )
  SELECT trace_id, count(*), count_if(status = 'error'), count_if(status = 'running'),
    sum(input_tokens) FILTER (is_input IS NOT TRUE),
    sum(output_tokens) FILTER (is_output IS NOT TRUE),
    sum(cost) FILTER (is_cost IS NOT TRUE)
  FROM spans LEFT JOIN covered USING (trace_id, span_id)
  GROUP BY trace_id`;

/** What these traces amount to, by trace id. */
export async function totalsOf(
  connection: DuckDBConnection,
  traceIds: readonly string[],
): Promise<Map<string, TraceTotals>> {
  const totals = new Map<string, TraceTotals>();
  if (traceIds.length === 0) return totals;
  const rows = await rowsOf(connection, TOTALS, [JSON.stringify(traceIds)]);
  for (const [traceId, spans, errors, running, inputTokens, outputTokens, cost] of rows) {
    totals.set(traceId as string, {
      spanCount: Number(spans),
      errorCount: Number(errors),
      runningCount: Number(running),
      ...(inputTokens !== null && { inputTokens: inputTokens as number }),
      ...(outputTokens !== null && { outputTokens: outputTokens as number }),
      ...(cost !== null && { cost: cost as number }),
    });
  }
  return totals;
}

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
