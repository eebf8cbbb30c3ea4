import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { Table } from '../file/columns.ts';

/**
 * The rows of a query. No statement is kept prepared for the next time: DuckDB takes what it knew of the table when it
 * planned it for true ever after.
 */
export async function rowsOf(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[],
): Promise<DuckDBValue[][]> {
  // Without values it is one way to DuckDB's threads and back, with values it is three.
  return (await connection.runAndReadAll(sql, values.length === 0 ? undefined : values)).getRows();
}

/** The columns of a table, in its order, of the rows called `s`. */
export function columnsSql(table: Table): string {
  return table.columns.map(({ name }) => `s."${name}"`).join(', ');
}
