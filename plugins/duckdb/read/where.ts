import type { DuckDBValue } from '@duckdb/node-api';
import { CORRELATION_KEYS } from '../../../core/index.ts';
import { SPANS } from '../file/columns.ts';
import { searchPattern } from './search-pattern.ts';

/** A time range of a query. */
export interface TimeRange {
  start?: Date | undefined;
  end?: Date | undefined;
  startExclusive?: boolean | undefined;
  endExclusive?: boolean | undefined;
}

/** Filters on who and what a record belongs to. */
export type CorrelationFilters = { [K in (typeof CORRELATION_KEYS)[number]]?: string | undefined };

type Scalar = string | number | boolean | null;

/**
 * The conditions of a query, joined by AND. Values are bound, never part of the SQL; columns are named by our own
 * code only.
 */
export class Where {
  readonly values: DuckDBValue[];
  readonly #conditions: string[] = [];

  /** With the values of another one: the conditions of a part of its query. */
  constructor(values: DuckDBValue[] = []) {
    this.values = values;
  }

  /** A place in the SQL for a value. */
  bind(value: DuckDBValue): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** True when every row is wanted. */
  get isEmpty(): boolean {
    return this.#conditions.length === 0;
  }

  /** The conditions as SQL. */
  get sql(): string {
    return this.#conditions.join(' AND ') || 'true';
  }

  add(condition: string): this {
    this.#conditions.push(condition);
    return this;
  }

  equal(column: string, value: string | undefined): this {
    return value === undefined ? this : this.add(`${column} = ${this.bind(value)}`);
  }

  startsWith(column: string, prefix: string | undefined): this {
    return prefix === undefined ? this : this.add(`starts_with(${column}, ${this.bind(prefix)})`);
  }

  /** A text is in one of the columns, in upper or lower case. */
  search(columns: readonly string[], text: string | undefined): this {
    if (text === undefined) return this;
    const pattern = this.bind(searchPattern(text));
    return this.add(`(${columns.map((column) => `regexp_matches(${column}, ${pattern})`).join(' OR ')})`);
  }

  oneOf(column: string, values: string | readonly string[] | undefined): this {
    if (values === undefined) return this;
    const places = [values].flat().map((value) => this.bind(value));
    return this.add(places.length === 0 ? 'false' : `${column} IN (${places.join(', ')})`);
  }

  /** All of the values are in a column that holds a list as JSON. */
  hasAll(column: string, values: readonly string[] | undefined): this {
    if (!values || values.length === 0) return this;
    const wanted = `from_json(${this.bind(JSON.stringify(values))}, '["VARCHAR"]')`;
    return this.add(`list_has_all(TRY_CAST(${column} AS VARCHAR[]), ${wanted})`);
  }

  /** Times compare as the Dates that records show: in milliseconds. */
  within(column: string, range: TimeRange | undefined): this {
    const { start, end, startExclusive, endExclusive } = range ?? {};
    if (start) this.add(`${column} >= ${this.#from(start.getTime() + (startExclusive ? 1 : 0))}`);
    if (end) this.add(`${column} < ${this.#from(end.getTime() + (endExclusive ? 0 : 1))}`);
    return this;
  }

  /** Top-level entries of a JSON column equal these. */
  entries(column: string, entries: Readonly<Record<string, Scalar | undefined>> | undefined): this {
    for (const [key, value] of Object.entries(entries ?? {})) {
      if (value !== undefined) this.add(this.#entry(column, key, value));
    }
    return this;
  }

  #entry(column: string, key: string, value: Scalar): string {
    // A JSON Pointer reaches any key, dots and quotes included.
    const pointer = this.bind(jsonPointer(key));
    const type = `json_type(${column}, ${pointer})`;
    const text = `json_extract_string(${column}, ${pointer})`;
    if (value === null) return `${type} = 'NULL'`;
    if (typeof value === 'string') return `(${type} = 'VARCHAR' AND ${text} = ${this.bind(value)})`;
    if (typeof value === 'boolean') return `(${type} = 'BOOLEAN' AND ${text} = '${value}')`;
    // Bound as text: the driver would take a large whole number for a BIGINT that is out of range.
    const number = `TRY_CAST(${text} AS DOUBLE) = CAST(${this.bind(String(value))} AS DOUBLE)`;
    return `(${type} IN ('BIGINT', 'UBIGINT', 'DOUBLE') AND ${number})`;
  }

  /** The first microsecond whose Date is at or after a millisecond; Dates cut towards 1970. */
  #from(ms: number): string {
    const micro = ms > 0 ? ms * 1000 : (ms - 1) * 1000 + 1;
    return `make_timestamp(CAST(${this.bind(BigInt(micro))} AS BIGINT))`;
  }
}

/** Where a top-level entry of JSON is, as text that {@link Where} can bind. */
export function jsonPointer(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

const CORRELATION_COLUMNS = CORRELATION_KEYS.map((key) => {
  const column = SPANS.columns.find(({ path }) => path[0] === key)!;
  return [key, `s."${column.name}"`] as const;
});

/** Who and what a span belongs to: a column each. */
export function spanBelongsTo(where: Where, filters: CorrelationFilters): Where {
  for (const [key, column] of CORRELATION_COLUMNS) where.equal(column, filters[key]);
  return where;
}
