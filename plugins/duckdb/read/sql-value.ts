import type { DuckDBValue } from '@duckdb/node-api';

/** The classes of DuckDB's values: they are there once a database is open, and not before. */
type DuckDB = typeof import('@duckdb/node-api');

/** Digits that a JavaScript number holds whatever they are. */
const SAFE_DIGITS = 15;
/** What a Date can show. */
const MAX_DATE_MS = 8.64e15;

/**
 * A value of a column as plain data: times with a date are Dates, bytes are base64, whole numbers beyond 2^53, long
 * decimals and numbers that are none are text, and so is what JavaScript has no like of.
 */
export function plainValue(duckdb: DuckDB, value: DuckDBValue): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return safeNumber(value);
  const ms = millisOf(duckdb, value);
  if (ms !== undefined) return Math.abs(ms) <= MAX_DATE_MS ? new Date(ms) : String(value);
  if (value instanceof duckdb.DuckDBDecimalValue)
    return value.width <= SAFE_DIGITS ? value.toDouble() : value.toString();
  if (value instanceof duckdb.DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  return nested(duckdb, value) ?? String(value);
}

function nested(duckdb: DuckDB, value: DuckDBValue): unknown {
  const plain = (inner: DuckDBValue) => plainValue(duckdb, inner);
  if (value instanceof duckdb.DuckDBListValue || value instanceof duckdb.DuckDBArrayValue)
    return value.items.map(plain);
  if (value instanceof duckdb.DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([key, inner]) => [key, plain(inner)]));
  if (value instanceof duckdb.DuckDBMapValue)
    return value.entries.map(({ key, value }) => ({ key: plain(key), value: plain(value) }));
  return undefined;
}

function safeNumber(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** Milliseconds since the Unix epoch of what has a date and a time; infinite for those of DuckDB. */
function millisOf(duckdb: DuckDB, value: DuckDBValue): number | undefined {
  const isMicros =
    value instanceof duckdb.DuckDBTimestampValue || value instanceof duckdb.DuckDBTimestampTZValue;
  if (isMicros) return value.isFinite ? Number(value.micros) / 1_000 : Number.POSITIVE_INFINITY;
  if (value instanceof duckdb.DuckDBTimestampNanosecondsValue)
    return value.isFinite ? Number(value.nanos / 1_000n) / 1_000 : Number.POSITIVE_INFINITY;
  if (value instanceof duckdb.DuckDBTimestampMillisecondsValue)
    return value.isFinite ? Number(value.millis) : Number.POSITIVE_INFINITY;
  if (value instanceof duckdb.DuckDBTimestampSecondsValue)
    return value.isFinite ? Number(value.seconds) * 1_000 : Number.POSITIVE_INFINITY;
  return undefined;
}
