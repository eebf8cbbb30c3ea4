import type { DuckDBTimestampValue, DuckDBValue } from '@duckdb/node-api';

/** A TIMESTAMP as a Date. */
export function dateOf(timestamp: DuckDBValue): Date {
  return new Date(Number((timestamp as DuckDBTimestampValue).micros) / 1000);
}
