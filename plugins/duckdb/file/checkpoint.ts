import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { messageOf } from '../../../core/index.ts';
import { type DatabaseFile, logBytesOf, makeLogPrivate, mustHaveRoom } from './place.ts';
import { CATALOG } from './schema.ts';

/** A log of this size is folded into the file at once. */
const LARGE_BYTES = 32 * 1024 * 1024;
/** A log of this size is folded into the file when nothing is written any more. */
const SMALL_BYTES = 1024 * 1024;
/** Free space beside that for the log. */
const SPARE_BYTES = 64 * 1024 * 1024;
const IDLE_MS = 5_000;
/** Between a checkpoint that failed and the next. */
const RETRY_MS = 60_000;

/** Why the last checkpoint failed. */
export interface CheckpointFailure {
  message: string;
  at: Date;
}

/**
 * Folds the write-ahead log into the file, beside what is written meanwhile: when it has grown large, and when nothing
 * was written for a while. DuckDB's own checkpoints are off: one within a commit stops the writer for seconds.
 */
export class Checkpoints {
  readonly #instance: DuckDBInstance;
  readonly #file: DatabaseFile;
  #connection: DuckDBConnection | undefined;
  #running: Promise<void> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #notBefore = 0;
  #failure: CheckpointFailure | undefined;

  /** `earlier` is the failure of those before it, where the database was opened anew. */
  constructor(instance: DuckDBInstance, file: DatabaseFile, earlier?: CheckpointFailure) {
    this.#instance = instance;
    this.#file = file;
    this.#failure = earlier;
    this.#notBefore = earlier ? earlier.at.getTime() + RETRY_MS : 0;
  }

  /** Undefined once a checkpoint has succeeded. */
  get failure(): CheckpointFailure | undefined {
    return this.#failure;
  }

  /** Called after every write; costs a look at the size of the log. */
  noteWrite(): void {
    const bytes = logBytesOf(this.#file.path);
    if (bytes > LARGE_BYTES && Date.now() >= this.#notBefore) void this.run().catch(() => {});
    this.#idle ??= setTimeout(() => this.#whenIdle(), IDLE_MS).unref();
    this.#idle.refresh();
  }

  /** Folds the log into the file now, or waits for that when it is being done. @throws Error that says why it failed. */
  run(): Promise<void> {
    this.#running ??= this.#checkpoint().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /**
   * Resolves once none is under way. A write would wait for it in any case, and where it adds its rows it would stop this
   * thread meanwhile, and with it every read.
   */
  async settled(): Promise<void> {
    await this.#running?.catch(() => {});
  }

  /** Folds the log into the file a last time; a failure is no matter, the log is read back at the next start. */
  async close(): Promise<void> {
    this.#notBefore = Number.POSITIVE_INFINITY;
    clearTimeout(this.#idle);
    await this.#running?.catch(() => {});
    await this.run().catch(() => {});
    this.#connection?.closeSync();
  }

  #whenIdle(): void {
    this.#idle = undefined;
    if (logBytesOf(this.#file.path) <= SMALL_BYTES) return;
    if (Date.now() >= this.#notBefore) void this.run().catch(() => {});
    else this.#idle = setTimeout(() => this.#whenIdle(), RETRY_MS).unref();
  }

  async #checkpoint(): Promise<void> {
    try {
      const { path } = this.#file;
      // On a full disk a checkpoint would make DuckDB give up the database.
      mustHaveRoom(path, logBytesOf(path) + SPARE_BYTES, 'a checkpoint');
      this.#connection ??= await this.#instance.connect();
      await this.#connection.run(`CHECKPOINT ${CATALOG}`);
      this.#failure = undefined;
    } catch (error) {
      this.#failure = { message: messageOf(error), at: new Date() };
      this.#notBefore = Math.max(this.#notBefore, Date.now() + RETRY_MS);
      throw error;
    } finally {
      makeLogPrivate(this.#file);
    }
  }
}
