import type { DuckDBConnection } from '@duckdb/node-api';
import { isObsError, messageOf, ObsError } from '../../core/index.ts';
import { makeLogPrivate } from './file.ts';
import { type DatabaseOptions, type OpenDatabase, openDatabase } from './open.ts';
import { CATALOG } from './schema.ts';

/** Work on a connection, inside a transaction. */
export type Work<R> = (connection: DuckDBConnection) => Promise<R>;

/**
 * A database over its life: one writer at a time in the order of the calls, any number of readers beside it, each
 * with one consistent view.
 */
export class Database {
  readonly #options: DatabaseOptions;
  #open: OpenDatabase | undefined;
  /** Settles when an attempt to open it is over, whatever came of it. */
  #opening: Promise<unknown> = Promise.resolve();
  #tail: Promise<unknown> = Promise.resolve();
  readonly #readers = new Set<Promise<unknown>>();

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  /** Opens it unless it is open; may be repeated after a failure. @throws ObsError: see {@link openDatabase}. */
  open(): Promise<void> {
    const opened = this.#inOrder(async () => {
      this.#open ??= await openDatabase(this.#options);
    });
    this.#opening = opened.catch(() => {});
    return opened;
  }

  /** Closes it after everything that was asked before; safe to repeat. */
  close(): Promise<void> {
    return this.#inOrder(async () => {
      const open = this.#open;
      this.#open = undefined;
      if (!open) return;
      await Promise.allSettled(this.#readers);
      await letGo(open);
    });
  }

  /**
   * Writes in one transaction: all of it or nothing.
   * @throws ObsError `OBS_STORE_WRITE`, `OBS_STORE_CLOSED`.
   */
  write<R>(work: Work<R>): Promise<R> {
    return this.#inOrder(async () => {
      const { writer, file } = this.#mustBeOpen();
      try {
        return await inTransaction(writer, 'BEGIN TRANSACTION', work);
      } catch (error) {
        throw this.#asError('OBS_STORE_WRITE', 'could not be written', error);
      } finally {
        if (file) await makeLogPrivate(file);
      }
    });
  }

  /**
   * Reads from one snapshot, on a connection of its own; waits where the database is being opened.
   * @throws ObsError `OBS_STORE_READ`, `OBS_STORE_CLOSED`.
   */
  async read<R>(work: Work<R>): Promise<R> {
    await this.#opening;
    const { instance } = this.#mustBeOpen();
    const reading = (async () => {
      const connection = await instance.connect();
      try {
        await connection.run(`USE ${CATALOG}`);
        return await inTransaction(connection, 'BEGIN TRANSACTION READ ONLY', work);
      } finally {
        connection.closeSync();
      }
    })();
    this.#readers.add(reading);
    try {
      return await reading;
    } catch (error) {
      throw this.#asError('OBS_STORE_READ', 'could not be read', error);
    } finally {
      this.#readers.delete(reading);
    }
  }

  #mustBeOpen(): OpenDatabase {
    if (this.#open) return this.#open;
    throw new ObsError('OBS_STORE_CLOSED', `${this.#options.path} is not open`);
  }

  #asError(code: 'OBS_STORE_READ' | 'OBS_STORE_WRITE', what: string, error: unknown): ObsError {
    if (isObsError(error)) return error;
    return new ObsError(code, `${this.#options.path} ${what}: ${messageOf(error)}`, { cause: error });
  }

  #inOrder<R>(step: () => Promise<R>): Promise<R> {
    const result = this.#tail.then(step);
    this.#tail = result.catch(() => {});
    return result;
  }
}

async function inTransaction<R>(connection: DuckDBConnection, begin: string, work: Work<R>): Promise<R> {
  try {
    await connection.run(begin);
    const result = await work(connection);
    await connection.run('COMMIT');
    return result;
  } catch (error) {
    // After some failures DuckDB has rolled back by itself, and this one fails.
    await connection.run('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function letGo({ instance, writer, lock }: OpenDatabase): Promise<void> {
  try {
    // Folds the log into the file. Where that fails, as on a full disk, the log is read back at the next start.
    await writer.run('CHECKPOINT').catch(() => {});
    await writer.run(`USE memory; DETACH ${CATALOG}`).catch(() => {});
    writer.closeSync();
    instance.closeSync();
  } finally {
    lock?.release();
  }
}
