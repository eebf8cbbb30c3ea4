import type { DuckDBConnection } from '@duckdb/node-api';
import { isObsError, messageOf, ObsError } from '../../../core/index.ts';
import { type DatabaseOptions, type OpenDatabase, openDatabase } from './open.ts';
import { makeLogPrivate } from './place.ts';
import { Readers } from './readers.ts';
import { CATALOG } from './schema.ts';

/** Work on a connection, inside a transaction. */
export type Work<R> = (connection: DuckDBConnection) => Promise<R>;

/** When a read ends although it is not done. */
export interface ReadLimits {
  signal?: AbortSignal | undefined;
  timeoutMs: number;
}

/**
 * A database over its life: one writer at a time in the order of the calls, some readers beside it, each with one
 * consistent view. Whoever opens it must be its owner.
 */
export class Database {
  readonly #options: DatabaseOptions;
  #open: (OpenDatabase & { readers: Readers }) | undefined;
  /** Settles when an attempt to open it is over, whatever came of it. */
  #opening: Promise<unknown> = Promise.resolve();
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  /** Opens it unless it is open; may be repeated after a failure. @throws ObsError: see {@link openDatabase}. */
  open(): Promise<void> {
    const opened = this.#inOrder(async () => {
      if (this.#open) return;
      const open = await openDatabase(this.#options);
      this.#open = { ...open, readers: new Readers(open.instance) };
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
      await open.readers.close();
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
        if (file) makeLogPrivate(file);
      }
    });
  }

  /**
   * Reads from one snapshot; waits where the database is being opened, and for its turn.
   * @throws ObsError `OBS_STORE_READ`, `OBS_STORE_TIMEOUT`, `OBS_STORE_CLOSED`, or the reason of the signal.
   */
  async read<R>(work: Work<R>, limits: ReadLimits): Promise<R> {
    await this.#opening;
    const { readers } = this.#mustBeOpen();
    try {
      return await readers.run(
        (connection) => inTransaction(connection, 'BEGIN TRANSACTION READ ONLY', work),
        limits,
      );
    } catch (error) {
      if (error === limits.signal?.reason && limits.signal?.aborted) throw error;
      throw this.#asError('OBS_STORE_READ', 'could not be read', error);
    }
  }

  #mustBeOpen(): OpenDatabase & { readers: Readers } {
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

async function letGo({ instance, writer }: OpenDatabase): Promise<void> {
  // Folds the log into the file. Where that fails, as on a full disk, the log is read back at the next start.
  await writer.run('CHECKPOINT').catch(() => {});
  await writer.run(`USE memory; DETACH ${CATALOG}`).catch(() => {});
  writer.closeSync();
  instance.closeSync();
}
