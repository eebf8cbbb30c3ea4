import type { DuckDBConnection } from '@duckdb/node-api';
import { messageOf } from '../../../core/index.ts';

/** Work on a connection, inside a transaction. */
export type Work<R> = (connection: DuckDBConnection) => Promise<R>;

/** A commit that failed, or that was done and failed nevertheless. */
export class CommitError extends Error {}

/** Does work between `begin` and a commit: all of it or nothing. @throws CommitError when the commit itself fails. */
export async function inTransaction<R>(
  connection: DuckDBConnection,
  begin: string,
  work: Work<R>,
): Promise<R> {
  try {
    await connection.run(begin);
    const result = await work(connection);
    await commit(connection);
    return result;
  } catch (error) {
    // After some failures DuckDB has rolled back by itself, and this one fails.
    await connection.run('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function commit(connection: DuckDBConnection): Promise<void> {
  try {
    await connection.run('COMMIT');
  } catch (error) {
    throw new CommitError(messageOf(error), { cause: error });
  }
}

/** True when DuckDB answers nothing any more: something failed that it does not recover from until it is reopened. */
export function isInvalidated(error: unknown): boolean {
  return /has been invalidated/i.test(messageOf(error));
}
