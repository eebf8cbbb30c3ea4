import { chmodSync, rmSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { CompactReport } from '../../../core/index.ts';
import { quoted } from '../file/open.ts';
import { bytesOf, logBytesOf, logsOf, mustHaveRoom, PRIVATE_FILE } from '../file/place.ts';
import { CATALOG, createSchema, STORAGE } from '../file/schema.ts';
import type { CareContext } from './context.ts';
import { TABLE_NAMES } from './table-sizes.ts';

/** The name under which the new file is attached. */
const FRESH = 'obs_rewritten';
/** Rows copied at once: a few of DuckDB's row groups. */
const ROWS_AT_ONCE = 4 * 122_880;
/** Free space beside that for a whole copy. */
const SPARE_BYTES = 64 * 1024 * 1024;

/**
 * Rewrites the database into a new file without the gaps that deletions left, and puts that in the place of the old
 * one. Writes wait until it is done, reads go on. Whenever it is cut short the old file is as it was.
 * @throws ObsError `OBS_STORE_PATH` without room for a copy; the reason of the signal.
 */
export async function compact({ database, signal, onProgress }: CareContext): Promise<CompactReport> {
  const { path } = database.state;
  if (path === undefined) return { bytesBefore: 0, bytesAfter: 0 };
  mustHaveRoom(path, bytesOf(path) + logBytesOf(path) + SPARE_BYTES, 'a copy without gaps');
  const bytesBefore = bytesOf(path) + logBytesOf(path);
  await database.rewrite(async (connection, to) => {
    removeFile(to);
    try {
      await copyTo(connection, to, { signal, onProgress });
    } catch (error) {
      removeFile(to);
      throw signal?.aborted ? signal.reason : error;
    }
  });
  return { bytesBefore, bytesAfter: bytesOf(path) + logBytesOf(path) };
}

type Progress = Pick<CareContext, 'signal' | 'onProgress'>;

async function copyTo(connection: DuckDBConnection, to: string, progress: Progress): Promise<void> {
  const interrupt = () => connection.interrupt();
  progress.signal?.throwIfAborted();
  progress.signal?.addEventListener('abort', interrupt);
  try {
    await connection.run(`ATTACH ${quoted(to)} AS ${FRESH} (${STORAGE})`);
    chmodSync(to, PRIVATE_FILE);
    await connection.run(`USE ${FRESH}`);
    await createSchema(connection);
    await copyTables(connection, progress);
  } finally {
    progress.signal?.removeEventListener('abort', interrupt);
    await connection.run(`USE ${CATALOG}`);
    await connection.run(`DETACH DATABASE IF EXISTS ${FRESH}`);
  }
}

async function copyTables(connection: DuckDBConnection, { signal, onProgress }: Progress): Promise<void> {
  const ends = new Map<string, number>();
  for (const name of TABLE_NAMES) ends.set(name, await endOf(connection, name));
  const total = [...ends.values()].reduce((sum, rows) => sum + rows, 0);
  let done = 0;
  for (const [name, end] of ends) {
    for (let from = 0; from < end; from += ROWS_AT_ONCE) {
      signal?.throwIfAborted();
      const until = Math.min(from + ROWS_AT_ONCE, end);
      await connection.run(
        `INSERT INTO ${FRESH}.${name} SELECT * FROM ${CATALOG}.${name} WHERE rowid >= ${from} AND rowid < ${until}`,
      );
      // Keeps the log of the new file small: it would take as much room once more.
      await connection.run(`CHECKPOINT ${FRESH}`);
      done += until - from;
      onProgress?.(done, total);
    }
  }
}

/** Behind the last row, counted with those that were deleted. */
async function endOf(connection: DuckDBConnection, name: string): Promise<number> {
  const found = await connection.runAndReadAll(`SELECT max(rowid) + 1 FROM ${CATALOG}.${name}`);
  return Number(found.getRows()[0]?.[0] ?? 0);
}

function removeFile(path: string): void {
  for (const file of [path, ...logsOf(path)]) rmSync(file, { force: true });
}
