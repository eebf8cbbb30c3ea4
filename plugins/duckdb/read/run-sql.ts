import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult } from '@duckdb/node-api';
import { isObsError, messageOf, ObsError, type ParsedQuery, type SqlResult } from '../../../core/index.ts';
import { assertOneSelect } from './one-select.ts';
import { plainValue } from './sql-value.ts';

/** What is wrong with the store or its means, and not with the question. */
const NOT_ITS_FAULT = /^(Out of Memory|IO|FATAL|INTERNAL|INTERRUPT|Interrupt)/;

/**
 * Answers a question in SQL. It runs in a transaction that cannot write, on an instance that reaches no files.
 * @throws ObsError `OBS_STORE_QUERY` with what DuckDB says to a mistake, or for what is not one SELECT.
 */
export async function runSql(
  connection: DuckDBConnection,
  { sql, maxRows }: ParsedQuery<'runSql'>,
): Promise<SqlResult> {
  try {
    await assertOneSelect(connection, sql);
    const statement = await connection.prepare(sql);
    try {
      return await answer(statement, maxRows);
    } finally {
      statement.destroySync();
    }
  } catch (error) {
    const message = messageOf(error);
    if (isObsError(error) || NOT_ITS_FAULT.test(message)) throw error;
    throw new ObsError('OBS_STORE_QUERY', `runSql(): ${message}`, { cause: error });
  }
}

async function answer(statement: DuckDBPreparedStatement, maxRows: number): Promise<SqlResult> {
  const { StatementType } = await import('@duckdb/node-api');
  if (statement.statementType !== StatementType.SELECT)
    throw new ObsError('OBS_STORE_QUERY', 'runSql(): sql: only a SELECT can be asked');
  const result = await statement.stream();
  const columns = result.columnNames().map((name, n) => ({ name, type: typeOf(result, n) }));
  const rows = await firstRows(result, maxRows + 1);
  return { columns, rows: rows.slice(0, maxRows), isCut: rows.length > maxRows };
}

/** Rows as they come: what is behind the last one wanted is never made. */
async function firstRows(result: DuckDBResult, count: number): Promise<unknown[][]> {
  const duckdb = await import('@duckdb/node-api');
  const rows: unknown[][] = [];
  while (rows.length < count) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    for (const row of chunk.getRows().slice(0, count - rows.length))
      rows.push(row.map((value) => plainValue(duckdb, value)));
  }
  return rows;
}

/** As in SQL; JSON by that name and not by that of the text which it is. */
function typeOf(result: DuckDBResult, column: number): string {
  const type = result.columnType(column);
  return type.alias ?? type.toString();
}
