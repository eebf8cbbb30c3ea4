import type { DuckDBConnection } from '@duckdb/node-api';
import type { PartialResult } from '../../../core/index.ts';
import type { WriteKind } from '../access.ts';
import type { Database } from '../file/database.ts';
import type { Committed, OnCommitted, OnCommitting } from './committed.ts';
import { type Batch, type Encoded, encode, joined } from './encode.ts';
import { Memory, remember, save } from './save.ts';

/** Records of one transaction: enough to share its cost, few enough that no write waits for long. */
const MAX_RECORDS = 4_096;

/** Other work that changes what is stored, and what it changed. */
type ExclusiveWork = (
  connection: DuckDBConnection,
) => Promise<Pick<Committed, 'deleted'> & { result?: unknown }>;

/** What waits for its commit: rows, or other work. */
interface Pending {
  /** How many records become rows. */
  records: number;
  work: Promise<Encoded> | ExclusiveWork;
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
  add(what: WriteKind, records: readonly object[], isSole?: boolean): Promise<PartialResult> {
    // At once, so that it is done while the transaction before it is written.
    return this.#enqueue(encode(what, records, isSole), records.length);
  }

  /** Does other work that changes what is stored, in a transaction of its own. */
  exclusive<R = void>(work: ExclusiveWork): Promise<R> {
    return this.#enqueue(work, 0);
  }

  /** Resolves once nothing waits any more. Somebody else may write until the file is opened again. */
  async settle(): Promise<void> {
    while (this.#isCommitting) await this.#committing;
    this.#memory = undefined;
  }

  #enqueue<R>(work: Pending['work'], records: number): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ work, records, resolve, reject });
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
    if (typeof first!.work === 'function') {
      this.#pending.shift();
      await this.#commitWork(first!, first!.work).catch(first!.reject);
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
    const end = this.#pending.findIndex((pending, index) => {
      records += pending.records;
      return index > 0 && (typeof pending.work === 'function' || records > MAX_RECORDS);
    });
    return this.#pending.splice(0, end === -1 ? this.#pending.length : end);
  }

  async #commit(group: readonly Pending[]): Promise<void> {
    const encoded = await Promise.all(group.map(({ work }) => work as Promise<Encoded>));
    this.#onCommitted(await this.#save(joined(encoded.map(({ batch }) => batch))));
    group.forEach(({ resolve }, index) => {
      resolve({ rejected: encoded[index]!.rejected } as never);
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
