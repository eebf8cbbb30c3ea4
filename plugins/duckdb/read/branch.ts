import type { DuckDBTimestampValue } from '@duckdb/node-api';
import type { ParsedQuery, Trace } from '../../../core/index.ts';
import type { ReadContext } from './context.ts';
import { rowsOf } from './rows-of.ts';
import { SPAN_ORDER, spansAt } from './spans.ts';

const PARENTS = `
  SELECT s.rowid, s.span_id, s.parent_span_id, s.started_at FROM obs_spans s WHERE s.trace_id = $1 ORDER BY ${SPAN_ORDER}`;

type Row = [rowId: bigint, id: string, parentId: string | null, startedAt: DuckDBTimestampValue];

/** A span and all below it down to a depth, in the order of the trace; null for an unknown span. */
export async function getBranch(
  { connection }: ReadContext,
  { traceId, spanId, depth = Number.POSITIVE_INFINITY }: ParsedQuery<'getBranch'>,
): Promise<Trace | null> {
  const rows = (await rowsOf(connection, PARENTS, [traceId])) as Row[];
  if (!rows.some(([, id]) => id === spanId)) return null;
  const ids = branchOf(rows, spanId, depth);
  const places = rows.filter(([, id]) => ids.has(id)).map(([rowId, , , startedAt]) => ({ rowId, startedAt }));
  return { traceId, spans: await spansAt(connection, places) };
}

/** Level by level; a span that is its own ancestor is taken once. */
function branchOf(rows: readonly Row[], spanId: string, depth: number): Set<string> {
  const children = new Map<string, string[]>();
  for (const [, id, parentId] of rows) {
    if (parentId === null) continue;
    const siblings = children.get(parentId);
    if (siblings) siblings.push(id);
    else children.set(parentId, [id]);
  }
  const branch = new Set([spanId]);
  let level = [spanId];
  for (let below = 0; below < depth && level.length > 0; below++) {
    level = level.flatMap((id) => children.get(id) ?? []).filter((id) => !branch.has(id));
    for (const id of level) branch.add(id);
  }
  return branch;
}
