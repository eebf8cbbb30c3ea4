import type { DuckDBValue } from '@duckdb/node-api';
import type { ParsedQuery } from '../../../core/index.ts';
import { spanBelongsTo, Where } from './where.ts';

/** The filters of a list of traces. */
export type TraceFilters = NonNullable<ParsedQuery<'listTraces'>['filters']>;

/** Traces in which a span below the entry failed; only for traces whose entry span has its mark. */
export const FAILURES = `SELECT trace_id FROM obs_spans WHERE status = 'error' AND is_root_span IS NOT TRUE`;
const FAILURE_COUNT = `(SELECT count(*) FROM obs_spans f WHERE f.trace_id = s.trace_id AND f.status = 'error')`;
const SEARCHED = ['name', 'input', 'output', 'attributes', 'metadata', 'error_info'].map(
  (column) => `t."${column}"`,
);

/** The conditions on an entry span `s`, and on its trace; those on a plain trace can rely on the mark of its entry. */
export function traceWhere(filters: TraceFilters, values: DuckDBValue[], isPlain: boolean): Where {
  const where = entryWhere(filters, values);
  if (filters.hasChildError !== undefined) {
    const hasChildError = isPlain
      ? `s.trace_id IN (${FAILURES})`
      : `${FAILURE_COUNT} > (CASE WHEN s.status = 'error' THEN 1 ELSE 0 END)`;
    where.add(filters.hasChildError ? `(${hasChildError})` : `NOT (${hasChildError})`);
  }
  if (filters.search !== undefined) {
    const found = new Where(values).search(SEARCHED, filters.search);
    where.add(`s.trace_id IN (SELECT t.trace_id FROM obs_spans t WHERE ${found.sql})`);
  }
  return where;
}

/** Only the conditions on the entry span itself. */
export function entryWhere(filters: TraceFilters, values: DuckDBValue[]): Where {
  return spanBelongsTo(new Where(values), filters)
    .equal('s.trace_id', filters.traceId)
    .startsWith('s.trace_id', filters.traceIdPrefix)
    .equal('s.type', filters.type)
    .equal('s.name', filters.name)
    .equal('s.status', filters.status)
    .within('s.started_at', filters.startedAt)
    .within('s.ended_at', filters.endedAt)
    .hasAll('s.tags', filters.tags)
    .entries('s.metadata', filters.metadata);
}
