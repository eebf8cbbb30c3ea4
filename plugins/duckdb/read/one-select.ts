import type { DuckDBConnection } from '@duckdb/node-api';
import { ObsError } from '../../../core/index.ts';
import { rowsOf } from './rows-of.ts';

/** Table functions that look at nothing but their arguments and the tables that are stored. Others write, or worse. */
const TABLE_FUNCTIONS = new Set([
  ...['range', 'generate_series', 'unnest', 'json_each', 'json_tree'],
  ...['duckdb_tables', 'duckdb_views', 'duckdb_columns', 'duckdb_types', 'duckdb_functions'],
  ...['pragma_table_info', 'pragma_storage_info', 'pragma_database_size'],
]);

/** What DuckDB makes of a text when it only reads it. */
interface Parsed {
  error: boolean;
  error_message?: string;
  statements?: unknown[];
}

/**
 * Lets one SELECT pass, whatever it is written like (`WITH`, `FROM`, `VALUES`, `DESCRIBE` too), that calls nothing
 * with an effect.
 * @throws ObsError `OBS_STORE_QUERY`.
 */
export async function assertOneSelect(connection: DuckDBConnection, sql: string): Promise<void> {
  const [row] = await rowsOf(connection, 'SELECT json_serialize_sql(CAST($1 AS VARCHAR))', [sql]);
  const { error, error_message: message, statements = [] } = JSON.parse(row![0] as string) as Parsed;
  if (error)
    throw refusal(/only select/i.test(message ?? '') ? 'only a SELECT can be asked' : String(message));
  if (statements.length !== 1) throw refusal(`expected one SELECT, got ${statements.length} statements`);
  const called = tableFunctions(statements).find((name) => !TABLE_FUNCTIONS.has(name));
  if (called !== undefined) throw refusal(`${called}() cannot be called`);
}

function refusal(why: string): ObsError {
  return new ObsError('OBS_STORE_QUERY', `runSql(): sql: ${why}`);
}

/** The names of all functions that are called in the place of a table, however deep. */
function tableFunctions(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const inner = Object.values(node).flatMap(tableFunctions);
  const { type, function: called } = node as { type?: unknown; function?: { function_name?: unknown } };
  return type === 'TABLE_FUNCTION' ? [String(called?.function_name).toLowerCase(), ...inner] : inner;
}
