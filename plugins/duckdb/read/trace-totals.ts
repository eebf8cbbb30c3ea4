import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { addUp, MEASURES, type SpanReports, type TraceTotals } from './add-up.ts';
import { isOneOfSql } from './entries.ts';
import { rowsOf } from './rows-of.ts';

/** Spans that are added up here; the pages of a list hardly ever have more. */
const MAX_HERE = 20_000;

const PATHS = ['usage.inputTokens', 'usage.outputTokens', 'cost.total', 'cost.input', 'cost.output'];
const REPORTS = `json_extract_string(attributes, [${PATHS.map((path) => `'$.${path}'`).join(', ')}])`;

/** Spans with what each reports itself, as text; their attributes are taken apart once. */
const spansSql = (isOne: string): string =>
  `SELECT trace_id, span_id, parent_span_id, status, ${REPORTS} AS reports FROM obs_spans WHERE ${isOne}`;

/** Traces up to this are named in the statement, by which DuckDB skips most of the others: so many are on a page. */
const FEW = 100;

const COLUMNS = {
  traceId: 'trace_id',
  id: 'span_id',
  parentId: 'parent_span_id',
  status: 'status',
  reports: 'reports',
};
const LISTS = Object.entries(COLUMNS).map(([field, sql]) => `${field}: list(${sql})`);

/**
 * What these traces amount to, by trace id. Usage is reported twice where a model call has steps of its own: a report
 * counts only when no span above it reports the same measure.
 */
export async function totalsOf(
  connection: DuckDBConnection,
  traceIds: readonly string[],
  maxHere = MAX_HERE,
): Promise<Map<string, TraceTotals>> {
  if (traceIds.length === 0) return new Map();
  const ids = [JSON.stringify(traceIds)];
  const areFew = traceIds.length <= FEW;
  const spansOfThem = spansSql(
    areFew ? `trace_id IN (${traceIds.map(textSql).join(', ')})` : isOneOfSql('$1'),
  );
  // As one text: to take some hundred rows from DuckDB value by value takes longer than all else.
  const sql = `SELECT to_json({${LISTS.join(', ')}}) FROM (${spansOfThem} LIMIT ${maxHere + 1})`;
  const [row] = await rowsOf(connection, sql, areFew ? [] : ids);
  const spans: SpanReports = JSON.parse(row![0] as string);
  // Recursion costs DuckDB some milliseconds however little there is to do, and JavaScript much memory for many spans.
  return spans.traceId.length > maxHere ? totalsThere(connection, ids) : addUp(spans);
}

/** Text as SQL. DuckDB takes a NUL for the end of a statement, so it is written otherwise. */
function textSql(text: string): string {
  const parts = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts[0]! : `(${parts.join(' || chr(0) || ')})`;
}

const number = (sql: string): string => `TRY_CAST(${sql} AS DOUBLE)`;
const report = (place: number): string =>
  `CASE WHEN isfinite(${number(`reports[${place}]`)}) THEN ${number(`reports[${place}]`)} END`;

/** The same by DuckDB. The spans below a report are found level by level, each once, also in a circle. */
const TOTALS = `
  WITH RECURSIVE spans AS MATERIALIZED (
    SELECT trace_id, span_id, parent_span_id, status,
      ${report(1)} AS input_tokens, ${report(2)} AS output_tokens,
      coalesce(${report(3)}, ${report(4)} + ${report(5)}, ${report(4)}, ${report(5)}) AS cost
    FROM (${spansSql(isOneOfSql('$1'))})
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

async function totalsThere(
  connection: DuckDBConnection,
  ids: DuckDBValue[],
): Promise<Map<string, TraceTotals>> {
  const totals = new Map<string, TraceTotals>();
  for (const [traceId, spans, errors, running, ...amounts] of await rowsOf(connection, TOTALS, ids)) {
    const trace: TraceTotals = {
      spanCount: Number(spans),
      errorCount: Number(errors),
      runningCount: Number(running),
    };
    MEASURES.forEach((measure, index) => {
      if (amounts[index] !== null) trace[measure] = amounts[index] as number;
    });
    totals.set(traceId as string, trace);
  }
  return totals;
}
