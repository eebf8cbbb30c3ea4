import type { DuckDBValue } from '@duckdb/node-api';

/**
 * CTEs that end in `entries(row_id)`: the entry span of every trace, one each. It is the first span without a parent;
 * in a trace that has none, the first whose parent is not there, as below a remote parent; else, in a circle, the
 * first. `scope` is a condition on `trace_id` that leaves out whole traces.
 */
export function entriesSql(scope: string): string {
  return `
  rootless AS MATERIALIZED (
    SELECT trace_id FROM obs_spans WHERE ${scope} GROUP BY trace_id HAVING bool_and(parent_span_id IS NOT NULL)
  ),
  strays AS MATERIALIZED (
    SELECT rowid AS row_id, trace_id, span_id, parent_span_id, started_at
    FROM obs_spans WHERE ${scope} AND trace_id IN (FROM rootless)
  ),
  entries(row_id) AS (
    SELECT arg_min(rowid, (started_at, span_id)) FROM obs_spans
      WHERE ${scope} AND parent_span_id IS NULL GROUP BY trace_id
    UNION ALL
    SELECT arg_min(row_id, (has_parent, started_at, span_id)) FROM (
      SELECT *, EXISTS (
        FROM strays p WHERE p.trace_id = s.trace_id AND p.span_id = s.parent_span_id
      ) AS has_parent
      FROM strays s
    ) GROUP BY trace_id
  )`;
}

/** A condition on `trace_id`: one of the ids in a bound JSON list. */
export function isOneOfSql(place: string, column = 'trace_id'): string {
  return `${column} IN (SELECT unnest(from_json(${place}, '["VARCHAR"]')))`;
}

/** The entry span of a plain trace says so itself. */
const IS_PLAIN = 's.is_root_span';
const IS_ENTRY = 's.rowid IN (FROM entries)';
/** Odd traces up to this are compared one by one, which is faster than a join as long as few rows are looked at. */
const FEW_ODD = 200;

/** The conditions on an entry span `s`; those on a plain trace can rely on its mark. Values are added to `values`. */
export type EntryConditions = (values: DuckDBValue[], isPlain: boolean) => string;

/** The parts of a query for entry spans. */
export interface EntrySelects {
  /** The beginning of the query; empty, or what the parts build on. */
  with: string;
  /** Absent when all traces are taken for odd. */
  plain?: string;
  /** Absent when no trace is odd. */
  odd?: string;
}

/** SELECTs of columns of entry spans `s`; `odd` are the odd traces, undefined when they are too many to tell apart. */
export function selectEntries(
  odd: ReadonlySet<string> | undefined,
  columns: string,
  conditions: EntryConditions,
  values: DuckDBValue[],
): EntrySelects {
  const select = (isEntry: string, isPlain: boolean): string =>
    `SELECT ${columns} FROM obs_spans s WHERE ${isEntry} AND ${conditions(values, isPlain)}`;
  if (!odd) return { with: `WITH ${entriesSql('true')}`, odd: select(IS_ENTRY, false) };
  if (odd.size === 0) return { with: '', plain: select(IS_PLAIN, true) };
  const ids = bindIds(odd, values);
  const isOdd = odd.size > FEW_ODD ? 's.trace_id IN (FROM odd_ids)' : `list_contains(${ids}, s.trace_id)`;
  return {
    with: withOdd(ids),
    plain: select(`${IS_PLAIN} AND NOT ${isOdd}`, true),
    odd: select(IS_ENTRY, false),
  };
}

/** A query that counts entry spans. */
export function countEntries(
  odd: ReadonlySet<string> | undefined,
  conditions: EntryConditions,
  values: DuckDBValue[],
): string {
  const count = (isEntry: string, isPlain: boolean): string =>
    `(SELECT count(*) FROM obs_spans s WHERE ${isEntry} AND ${conditions(values, isPlain)})`;
  if (!odd) return `WITH ${entriesSql('true')} SELECT ${count(IS_ENTRY, false)}`;
  if (odd.size === 0) return `SELECT ${count(IS_PLAIN, true)}`;
  const marked = count(IS_PLAIN, true);
  const markedOdd = count(`${IS_PLAIN} AND s.trace_id IN (FROM odd_ids)`, true);
  const entries = count(IS_ENTRY, false);
  // Faster than to leave odd traces out: the ids of all the others need not be read.
  return `${withOdd(bindIds(odd, values))} SELECT ${marked} - ${markedOdd} + ${entries}`;
}

function withOdd(ids: string): string {
  return `WITH odd_ids AS MATERIALIZED (SELECT unnest(${ids})), ${entriesSql('trace_id IN (FROM odd_ids)')}`;
}

function bindIds(ids: ReadonlySet<string>, values: DuckDBValue[]): string {
  values.push(JSON.stringify([...ids]));
  return `from_json($${values.length}, '["VARCHAR"]')`;
}
