import type { Access, Call, CallOptions } from './access.ts';
import { CARE } from './care/index.ts';
import { Database, type ReadLimits } from './file/database.ts';
import type { DatabaseOptions } from './file/open.ts';
import { ChangeLog } from './read/change-log.ts';
import { READS, type Read, type ReadQuery } from './read/index.ts';
import { OddTraces } from './read/odd-traces.ts';
import { Commits } from './write/commits.ts';
import { deleteAll, deleteTraces } from './write/delete.ts';

/** A database that this thread has open: it writes, reads and takes care. Its caller is the owner of the file. */
export class Engine implements Access {
  readonly #database: Database;
  readonly #commits: Commits;
  readonly #changes = new ChangeLog();
  readonly #oddTraces = new OddTraces();

  constructor(options: DatabaseOptions, database = new Database(options)) {
    this.#database = database;
    this.#commits = new Commits(this.#database, (committed) => {
      this.#changes.note(committed);
      this.#oddTraces.note(committed);
    });
  }

  open(): Promise<void> {
    return this.#database.open();
  }

  async close(): Promise<void> {
    await this.#commits.settled();
    await this.#database.close();
  }

  async call(call: Call, { signal, onProgress }: CallOptions = {}): Promise<unknown> {
    switch (call.kind) {
      case 'write':
        return this.#commits.add(call.what, call.records);
      case 'read':
        return this.#read(call.query, call.args, { signal, timeoutMs: call.timeoutMs });
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
      case 'care': {
        const context = { database: this.#database, commits: this.#commits, signal, onProgress };
        return CARE[call.task](context, call.args);
      }
    }
  }

  #read(query: ReadQuery, args: unknown, limits: ReadLimits): Promise<unknown> {
    const read = READS[query] as Read<ReadQuery>;
    const context = { oddTraces: this.#oddTraces, changes: this.#changes };
    return this.#database.read((connection) => read({ ...context, connection }, args as never), limits);
  }
}
