import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type HealthProblem, isObsError, messageOf, ObsError } from '../../../core/index.ts';
import { type CheckpointFailure, Checkpoints } from './checkpoint.ts';
import { type DatabaseOptions, type OpenDatabase, openDatabase, rewrittenPath } from './open.ts';
import { logBytesOf, makeLogPrivate, syncFile } from './place.ts';
import { Readers, type ReadLimits } from './readers.ts';
import { CATALOG } from './schema.ts';
import { States } from './states.ts';
import { CommitError, inTransaction, isInvalidated, type Work } from './transaction.ts';

export type { Work };

/** What is known of a database that is open, without looking into it. */
export interface DatabaseState {
  /** Absent in memory. */
  path?: string;
  openedAt: Date;
  /** What was damaged since this was made, and what became of it. */
  problems: readonly HealthProblem[];
  /** The version that it had and the copy of it as it was, where an older release had written it. */
  upgraded?: OpenDatabase['upgraded'];
  /** Why the log was not folded into the file. */
  checkpointFailure: CheckpointFailure | undefined;
}

type Opened = OpenDatabase & { readers: Readers; checkpoints: Checkpoints | undefined };

/**
 * A database over its life: one writer at a time in the order of the calls, some readers beside it, each with one
 * consistent view. Where DuckDB gives up after a failure, as on a full disk, it is opened anew. Whoever opens it must
 * be its owner.
 */
export class Database {
  readonly #options: DatabaseOptions;
  /** What it holds changes with every commit and every opening. */
  readonly states = new States();
  #open: Opened | undefined;
  /** True between open and close, also where opening it anew failed. */
  #isWanted = false;
  /** Settles when an attempt to open it is over, whatever came of it. */
  #opening: Promise<unknown> = Promise.resolve();
  #tail: Promise<unknown> = Promise.resolve();
  #openedAt = new Date();
  readonly #problems: HealthProblem[] = [];
  #upgraded: OpenDatabase['upgraded'];
  #checkpointFailure: CheckpointFailure | undefined;

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  get options(): DatabaseOptions {
    return this.#options;
  }

  /** @throws ObsError `OBS_STORE_CLOSED`. */
  get state(): DatabaseState {
    const { file, checkpoints } = this.#mustBeOpen();
    return {
      ...(file && { path: file.path }),
      openedAt: this.#openedAt,
      problems: this.#problems,
      ...(this.#upgraded && { upgraded: this.#upgraded }),
      checkpointFailure: checkpoints?.failure,
    };
  }

  /** Opens it unless it is open; may be repeated after a failure. @throws ObsError: see {@link openDatabase}. */
  open(): Promise<void> {
    return this.#whileReadersWait(async () => {
      if (!this.#open) await this.#openAnew();
      if (!this.#isWanted) this.#openedAt = new Date();
      this.#isWanted = true;
    });
  }

  /** Closes it after everything that was asked before; safe to repeat. */
  close(): Promise<void> {
    return this.#inOrder(async () => {
      this.#isWanted = false;
      await this.#letGo();
    });
  }

  /**
   * Writes in one transaction: all of it or nothing. Where DuckDB has given up before the commit it is opened anew and
   * the work repeated.
   * @throws ObsError `OBS_STORE_WRITE`, `OBS_STORE_CLOSED`.
   */
  write<R>(work: Work<R>): Promise<R> {
    return this.#inOrder(async () => {
      try {
        return await this.#write(work);
      } catch (error) {
        if (!isInvalidated(error)) throw error;
        await this.#reopen(this.#open);
        // A commit may have been done before it failed; only its caller can tell what to repeat.
        if (error instanceof CommitError) throw error;
        return await this.#write(work);
      }
    }).catch((error) => {
      throw this.#asError('OBS_STORE_WRITE', 'could not be written', error);
    });
  }

  /**
   * Reads from one snapshot; waits where the database is being opened, and for its turn.
   * @throws ObsError `OBS_STORE_READ`, `OBS_STORE_TIMEOUT`, `OBS_STORE_CLOSED`, or the reason of the signal.
   */
  async read<R>(work: Work<R>, limits: ReadLimits): Promise<R> {
    await this.#opening;
    if (!this.#open && this.#isWanted) await this.#whileReadersWait(() => this.#reopen(undefined));
    const open = this.#mustBeOpen();
    try {
      return await read(open, work, limits);
    } catch (error) {
      if (error === limits.signal?.reason && limits.signal?.aborted) throw error;
      if (!isInvalidated(error)) throw this.#asError('OBS_STORE_READ', 'could not be read', error);
      await this.#whileReadersWait(() => this.#reopen(open));
      return await this.#readAgain(work, limits);
    }
  }

  /** Folds the log into the file now. Nothing to do in memory. @throws Error that says why it failed. */
  async checkpoint(): Promise<void> {
    await this.#mustBeOpen().checkpoints?.run();
  }

  /**
   * Replaces the file by what `copy` makes of it at another path, complete and without a log, while nothing is
   * written; reads wait only while the files are exchanged. Until then the old file stays; whatever fails, it stays.
   */
  rewrite(copy: (connection: DuckDBConnection, to: string) => Promise<void>): Promise<void> {
    return this.#inOrder(async () => {
      const { writer, file } = this.#mustBeOpen();
      if (!file) return;
      const to = rewrittenPath(file);
      await copy(writer, to);
      syncFile(to);
      await this.#exchange(file.path, to);
    });
  }

  async #exchange(path: string, by: string): Promise<void> {
    await this.#letGo();
    try {
      // A log that could not be folded in holds what the copy has, and would be read into it once more.
      if (logBytesOf(path) > 0) throw new ObsError('OBS_STORE_WRITE', `${path} keeps its log, so it stays`);
      renameSync(by, path);
      syncFile(dirname(path));
    } finally {
      await this.#openAnew();
    }
  }

  async #write<R>(work: Work<R>): Promise<R> {
    if (!this.#open) await this.#reopen(undefined);
    const { writer, file, checkpoints } = this.#mustBeOpen();
    await checkpoints?.settled();
    try {
      return await inTransaction(writer, 'BEGIN TRANSACTION', async (connection) => {
        const result = await work(connection);
        this.states.leave();
        return result;
      });
    } finally {
      this.states.enter();
      if (file) makeLogPrivate(file);
      checkpoints?.noteWrite();
    }
  }

  async #readAgain<R>(work: Work<R>, limits: ReadLimits): Promise<R> {
    try {
      return await read(this.#mustBeOpen(), work, limits);
    } catch (error) {
      if (error === limits.signal?.reason && limits.signal?.aborted) throw error;
      throw this.#asError('OBS_STORE_READ', 'could not be read', error);
    }
  }

  async #openAnew(): Promise<void> {
    const open = await openDatabase(this.#options);
    this.states.restart();
    this.#problems.push(...open.problems);
    this.#upgraded = open.upgraded ?? this.#upgraded;
    const checkpoints = open.file && new Checkpoints(open.instance, open.file, this.#checkpointFailure);
    this.#open = { ...open, readers: new Readers(open.instance), checkpoints };
  }

  /** Does nothing when `failed` was replaced already, by whoever met the failure first. */
  async #reopen(failed: Opened | undefined): Promise<void> {
    if (!this.#isWanted || (this.#open && failed !== this.#open)) return;
    await this.#letGo();
    await this.#openAnew();
  }

  async #letGo(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return;
    await open.readers.close();
    await letGo(open);
    this.#checkpointFailure = open.checkpoints?.failure;
  }

  #whileReadersWait(step: () => Promise<void>): Promise<void> {
    const done = this.#inOrder(step);
    this.#opening = done.catch(() => {});
    return done;
  }

  #mustBeOpen(): Opened {
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

function read<R>({ readers }: Opened, work: Work<R>, limits: ReadLimits): Promise<R> {
  return readers.run((connection) => inTransaction(connection, 'BEGIN TRANSACTION READ ONLY', work), limits);
}

async function letGo({ instance, writer, checkpoints }: Opened): Promise<void> {
  // Folds the log into the file. Where that fails, as on a full disk, the log is read back at the next start.
  await checkpoints?.close();
  await writer.run(`USE memory; DETACH ${CATALOG}`).catch(() => {});
  writer.closeSync();
  instance.closeSync();
}
