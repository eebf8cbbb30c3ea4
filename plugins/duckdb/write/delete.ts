import type { DuckDBConnection } from '@duckdb/node-api';
import { EVENT_TABLES, METRIC_SERIES, SPANS } from '../file/columns.ts';
import { SPAN_CHANGES } from '../file/schema.ts';

const TABLES = [SPANS.name, SPAN_CHANGES, ...EVENT_TABLES.map((table) => table.name)];

/** Deletes traces with all that is linked to them. */
export async function deleteTraces(connection: DuckDBConnection, traceIds: readonly string[]): Promise<void> {
  for (const name of TABLES) {
    await connection.run(
      `DELETE FROM ${name} WHERE trace_id IN (SELECT unnest(from_json($1, '["VARCHAR"]')))`,
      [JSON.stringify(traceIds)],
    );
  }
}

/** Deletes everything. */
export async function deleteAll(connection: DuckDBConnection): Promise<void> {
  for (const name of [...TABLES, METRIC_SERIES.name]) await connection.run(`DELETE FROM ${name}`);
}
