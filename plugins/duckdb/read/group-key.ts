import type { DuckDBValue } from '@duckdb/node-api';
import type { GroupKey } from '../../../core/index.ts';

/** The key of a group: its values by name. */
export function groupKey(by: readonly string[], values: readonly DuckDBValue[]): GroupKey {
  return Object.fromEntries(by.map((name, n) => [name, values[n] as string | null]));
}
