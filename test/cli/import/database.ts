import { DuckDBInstance } from '@duckdb/node-api';

/** A row, or any other JSON object. */
export type Row = Record<string | number, unknown>;

/** Everything in a DuckDB file, read by SQL: tables and views by name, times as microseconds, JSON parsed. */
export async function dumpDatabase(path: string): Promise<Record<string, Row[]>> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const dump: Record<string, Row[]> = {};
  const names = await connection.runAndReadAll(
    "SELECT table_name FROM information_schema.tables WHERE table_name <> 'obs_meta'",
  );
  for (const [name] of names.getRows()) {
    const columns = await connection.runAndReadAll(
      `SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '${name}' ORDER BY ordinal_position`,
    );
    const kinds = columns.getRows() as [string, string][];
    const cells = kinds.map(([column, type]) =>
      type.startsWith('TIMESTAMP') ? `epoch_us("${column}") AS "${column}"` : `"${column}"`,
    );
    const rows = await connection.runAndReadAll(`SELECT ${cells.join(', ')} FROM "${name}"`);
    const byContent = (a: Row, b: Row) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
    dump[String(name)] = rows
      .getRowObjectsJson()
      .map((row) => parsed(row, kinds))
      .sort(byContent);
  }
  connection.closeSync();
  instance.closeSync();
  return dump;
}

function parsed(row: Row, kinds: [string, string][]): Row {
  return Object.fromEntries(
    kinds.map(([column, type]) => {
      const value = row[column];
      if (type === 'JSON' && typeof value === 'string') return [column, JSON.parse(value)];
      return [column, type.startsWith('TIMESTAMP') && value !== null ? Number(value) : value];
    }),
  );
}
