import type { DuckDBConnection } from '@duckdb/node-api';
import { append } from '../file/append.ts';
import type { Table } from '../file/columns.ts';
import type { Row } from '../file/rows.ts';
import { rangeOf } from './range.ts';
import type { RecentIds } from './recent-ids.ts';

const EVENT_ID = 0;

/** Adds rows of events, apart from those whose identity is stored already; gives the ids of those that were added. */
export async function saveEvents(
  connection: DuckDBConnection,
  table: Table,
  rows: readonly Row[],
  recent: RecentIds,
): Promise<string[]> {
  if (rows.length === 0) return [];
  const byId = new Map<string, Row>();
  for (const row of rows) {
    const id = row[EVENT_ID] as string;
    if (!byId.has(id)) byId.set(id, row);
  }
  const doubtful = [...byId.keys()].filter((id) => !recent.isFresh(id, id));
  for (const id of await stored(connection, table, doubtful)) byId.delete(id);
  await append(connection, table, [...byId.values()]);
  return [...byId.keys()];
}

async function stored(connection: DuckDBConnection, table: Table, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const found = await connection.runAndReadAll(
    `SELECT id FROM ${table.name}
     WHERE id BETWEEN $1 AND $2 AND id IN (SELECT unnest(from_json($3, '["VARCHAR"]')))`,
    [...rangeOf(ids), JSON.stringify(ids)],
  );
  return found.getRows().map(([id]) => id as string);
}
