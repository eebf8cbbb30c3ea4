import { ChangeLog } from '../../core/index.ts';
import type { Access, Call, CallOptions, CareTask } from './access.ts';
import { CARE, type Care } from './care/index.ts';
import { Pruning } from './care/pruning.ts';
import { Database } from './file/database.ts';
import type { DatabaseOptions } from './file/open.ts';
import type { ReadLimits } from './file/readers.ts';
import { noteCommit } from './read/changes.ts';
import { READS, type Read, type ReadQuery } from './read/index.ts';
import { KnownTotals } from './read/known-totals.ts';
import { KnownTraces } from './read/known-traces.ts';
import { OddTraces } from './read/odd-traces.ts';
import { Commits } from './write/commits.ts';
import { deleteAll, deleteTraces } from './write/delete.ts';

/** A database that this thread has open: it writes, reads and takes care. Its caller is the owner of the file. */
export class Engine implements Access {
  readonly #database: Database;
  readonly #commits: Commits;
  #changes = new ChangeLog();
  readonly #oddTraces = new OddTraces();
  readonly #totals: KnownTotals;
  readonly #traces: KnownTraces;
  readonly #pruning = new Pruning((signal) => this.#care('prune', {}, { signal }));

  constructor(options: DatabaseOptions, database = new Database(options)) {
    this.#database = database;
    this.#totals = new KnownTotals(database.states);
    this.#traces = new KnownTraces(database.states);
    this.#commits = new Commits(
      this.#database,
      (spans) => {
        this.#oddTraces.committing(spans);
        this.#traces.committing(spans);
      },
      (committed) => {
        noteCommit(this.#changes, committed);
        this.#oddTraces.note(committed);
      },
    );
  }

  async open(): Promise<void> {
    await this.#database.open();
    if (this.#database.options.retention) this.#pruning.start();
  }

  async close(): Promise<void> {
    this.#pruning.stop();
    await this.#commits.settle();
    await this.#database.close();
    // Others may write before it is opened again.
    this.#oddTraces.forget();
    this.#changes = new ChangeLog();
  }

  async call(call: Call, options: CallOptions = {}): Promise<unknown> {
    switch (call.kind) {
      case 'write':
        return this.#commits.add(call.what, call.records, call.isSole);
      case 'read':
        return this.#read(call.query, call.args, { signal: options.signal, timeoutMs: call.timeoutMs });
      case 'delete':
        return this.#commits.exclusive(async (connection) => {
          await deleteTraces(connection, call.traceIds);
          return { deleted: call.traceIds };
        });
      case 'clear':
        return this.#commits.exclusive(async (connection) => {
          await deleteAll(connection);
          return { deleted: 'all' };
        });
      case 'care':
        return this.#care(call.task, call.args, options);
    }
  }

  #care(task: CareTask, args: Parameters<Care>[1], { signal, onProgress }: CallOptions): Promise<unknown> {
    const { failure: pruneFailure } = this.#pruning;
    const context = { database: this.#database, commits: this.#commits, pruneFailure, signal, onProgress };
    return CARE[task](context, args);
  }

  #read(query: ReadQuery, args: unknown, limits: ReadLimits): Promise<unknown> {
    const read = READS[query] as Read<ReadQuery>;
    const context = {
      oddTraces: this.#oddTraces,
      totals: this.#totals,
      traces: this.#traces,
      changes: this.#changes,
    };
    return this.#database.read((connection) => read({ ...context, connection }, args as never), limits);
  }
}
