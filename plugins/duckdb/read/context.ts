import type { DuckDBConnection } from '@duckdb/node-api';
import type { ChangeLog } from '../../../core/index.ts';
import type { KnownTotals } from './known-totals.ts';
import type { KnownTraces } from './known-traces.ts';
import type { OddTraces } from './odd-traces.ts';

/** What a read may look at. */
export interface ReadContext {
  /** In a transaction that reads one snapshot. */
  connection: DuckDBConnection;
  oddTraces: OddTraces;
  totals: KnownTotals;
  traces: KnownTraces;
  changes: ChangeLog;
}
