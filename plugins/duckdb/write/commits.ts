import type { DuckDBConnection } from '@duckdb/node-api';
import type { PartialResult } from '../../../core/index.ts';
import type { WriteKind } from '../access.ts';
import type { Database } from '../file/database.ts';
import type { Committed, OnCommitted, OnCommitting } from './committed.ts';
import { type Batch, emptyBatch, encode } from './encode.ts';
import { Memory, remember, save } from './save.ts';

/** Records of one transaction: enough to share its cost, few enough that no write waits for long. */
const MAX_RECORDS = 4_096;

/** Other work that changes what is stored, and what it changed. */
type ExclusiveWork = (
  connection: DuckDBConnection,
) => Promise<Pick<Committed, 'deleted'> & { result?: unknown }>;

/** What waits for its commit. */
interface Pending {
  records: readonly object[];
  what: WriteKind | ExclusiveWork;
  resolve: (result: never) => void;
  reject: (error: unknown) => void;
}

/**
 * Group commit: what is asked while a transaction is under way shares the next one, whatever its signal. A transaction
 * that fails is repeated write by write, so that only the one at fault fails. All happens in the order of the calls.
 */
export class Commits {
  readonly #database: Database;
  readonly #onCommitting: OnCommitting;
  readonly #onCommitted: OnCommitted;
  #memory: Memory | undefined;
  #pending: Pending[] = [];
  #isCommitting = false;
  #committing: Promise<void> = Promise.resolve();

  constructor(database: Database, onCommitting: OnCommitting, onCommitted: OnCommitted) {
    this.#database = database;
    this.#onCommitting = onCommitting;
    this.#onCommitted = onCommitted;
  }

  /** Stores records; resolved means stored, apart from those that the result names. */
  add(what: WriteKind, records: readonly object[]): Promise<PartialResult> {
    return this.#enqueue(what, records);
  }

  /** Does other work that changes what is stored, in a transaction of its own. */
  exclusive<R = void>(work: ExclusiveWork): Promise<R> {
    return this.#enqueue(work, []);
  }

  /** Resolves once nothing waits any more. Somebody else may write until the file is opened again. */
  async settle(): Promise<void> {
    while (this.#isCommitting) await this.#committing;
    this.#memory = undefined;
  }

  #enqueue<R>(what: Pending['what'], records: readonly object[]): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ what, records, resolve, reject });
      if (!this.#isCommitting) this.#committing = this.#commitAll();
    });
  }

  async #commitAll(): Promise<void> {
    this.#isCommitting = true;
    // What is asked in the same turn goes together.
    await undefined;
    while (this.#pending.length > 0) await this.#commitNext();
    this.#isCommitting = false;
  }

  async #commitNext(): Promise<void> {
    const [first] = this.#pending;
    if (typeof first!.what === 'function') {
      this.#pending.shift();
      await this.#commitWork(first!, first!.what).catch(first!.reject);
      return;
    }
    const group = this.#takeGroup();
    try {
      await this.#commit(group);
    } catch (error) {
      if (group.length === 1) group[0]!.reject(error);
      else for (const one of group) await this.#commit([one]).catch(one.reject);
    }
  }

  /** The writes up to the next other work, as many as one transaction takes, at least one. */
  #takeGroup(): Pending[] {
    let records = 0;
    const end = this.#pending.findIndex(({ what, records: { length } }, index) => {
      records += length;
      return index > 0 && (typeof what === 'function' || records > MAX_RECORDS);
    });
    return this.#pending.splice(0, end === -1 ? this.#pending.length : end);
  }

  async #commit(group: readonly Pending[]): Promise<void> {
    const batch = emptyBatch();
    const results: PartialResult['rejected'][] = [];
    for (const { what, records } of group) results.push(await encode(batch, what as WriteKind, records));
    this.#onCommitted(await this.#save(batch));
    group.forEach(({ resolve }, index) => {
      resolve({ rejected: results[index] } as never);
    });
  }

  async #save(batch: Batch): Promise<Committed> {
    try {
      const saved = await this.#database.write(async (connection) => {
        this.#memory ??= await Memory.of(connection);
        const saved = await save(connection, batch, this.#memory);
        this.#onCommitting(saved.spans);
        return saved;
      });
      remember(this.#memory!, saved);
      return saved;
    } catch (error) {
      // It may be stored nevertheless, so nothing of it is taken for new when it comes again.
      this.#memory = undefined;
      throw error;
    }
  }

  async #commitWork({ resolve }: Pending, work: ExclusiveWork): Promise<void> {
    const { deleted, result } = await this.#database.write(work);
    // What was deleted is remembered as stored: should it come again, that costs a look. Series are not looked for.
    this.#memory?.series.clear();
    this.#onCommitted({ spans: [], events: [], deleted });
    resolve(result as never);
  }
}
