import { setImmediate } from 'node:timers/promises';
import type { DuckDBAppender, DuckDBConnection, DuckDBTimestampValue } from '@duckdb/node-api';
import { type ColumnKind, SPANS, type Table } from './columns.ts';
import type { Cell, Row } from './rows.ts';
import { CATALOG } from './schema.ts';

/** Rows handled without a pause: encoding and appending work on the calling thread. */
const ROWS_AT_A_STRETCH = 64;

/** Lets the thread do something else once in a while; called with the number of rows done so far. */
export async function breathe(rowsDone: number): Promise<void> {
  if (rowsDone > 0 && rowsDone % ROWS_AT_A_STRETCH === 0) await setImmediate();
}

/** Appends rows to a table, inside the transaction of the connection; a cell that is missing at the end is null. */
export async function append(
  connection: DuckDBConnection,
  table: Table,
  rows: readonly Row[],
  name = table.name,
): Promise<void> {
  if (rows.length === 0) return;
  const kinds = table.columns.map(({ kind }) => kind);
  // The cell behind those of a span holds the `seq` of single fields.
  if (table === SPANS) kinds.push('json');
  const appender = await connection.createAppender(name, 'main', CATALOG);
  try {
    for (let i = 0; i < rows.length; i++) {
      await breathe(i);
      appendRow(appender, kinds, rows[i]!);
    }
  } catch (error) {
    // Closing would write what is held.
    appender.clear();
    throw error;
  } finally {
    appender.closeSync();
  }
}

type AppendCell = (appender: DuckDBAppender, cell: NonNullable<Cell>) => void;

const appendText: AppendCell = (appender, cell) => appender.appendVarchar(cell as string);

const APPEND: Record<ColumnKind, AppendCell> = {
  text: appendText,
  json: appendText,
  boolean: (appender, cell) => appender.appendBoolean(cell as boolean),
  integer: (appender, cell) => appender.appendBigInt(BigInt(cell as number)),
  number: (appender, cell) => appender.appendDouble(cell as number),
  time: (appender, cell) =>
    appender.appendTimestamp({ micros: BigInt(cell as number) } as DuckDBTimestampValue),
};

function appendRow(appender: DuckDBAppender, kinds: readonly ColumnKind[], row: Row): void {
  for (let i = 0; i < kinds.length; i++) {
    const cell = row[i] ?? null;
    if (cell === null) appender.appendNull();
    else APPEND[kinds[i]!](appender, cell);
  }
  appender.endRow();
}
