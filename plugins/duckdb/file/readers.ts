import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { ObsError } from '../../../core/index.ts';
import { CATALOG } from './schema.ts';

/** When a read ends although it is not done. */
export interface ReadLimits {
  signal?: AbortSignal | undefined;
  timeoutMs: number;
}

/**
 * Queries at the same time. Each takes a thread of the pool that node uses for files and DNS, of which a process has
 * four by default: the application needs the others.
 */
const MAX_READERS = 2;
/** An interrupt has no effect between two statements of a query, so it is repeated. */
const INTERRUPT_EVERY_MS = 20;

/** The connections that read: a few, each used by one query at a time. */
export class Readers {
  readonly #instance: DuckDBInstance;
  readonly #idle: DuckDBConnection[] = [];
  readonly #busy = new Set<Promise<unknown>>();
  readonly #waiting: (() => void)[] = [];
  #used = 0;

  constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  /** Runs a query when it is its turn. @throws ObsError `OBS_STORE_TIMEOUT`, or the reason of the signal. */
  async run<R>(query: (connection: DuckDBConnection) => Promise<R>, limits: ReadLimits): Promise<R> {
    const limit = new Limit(limits);
    const running = limit.race(this.#turn(limit)).then(() => this.#query(query, limit));
    this.#busy.add(running);
    void running.catch(() => {}).finally(() => this.#busy.delete(running));
    try {
      return await limit.race(running);
    } finally {
      limit.clear();
    }
  }

  /** Waits for the queries that were asked. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#busy);
    for (const connection of this.#idle.splice(0)) connection.closeSync();
  }

  async #query<R>(query: (connection: DuckDBConnection) => Promise<R>, limit: Limit): Promise<R> {
    let connection: DuckDBConnection | undefined;
    try {
      connection = this.#idle.pop() ?? (await this.#connect());
      const interrupt = limit.onEnd(() => connection?.interrupt());
      try {
        return await query(connection);
      } finally {
        clearInterval(interrupt());
        this.#idle.push(connection);
      }
    } finally {
      this.#release();
    }
  }

  async #connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    await connection.run(`USE ${CATALOG}`);
    return connection;
  }

  async #turn(limit: Limit): Promise<void> {
    if (this.#used < MAX_READERS) {
      this.#used++;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (limit.isOver) this.#release();
  }

  /** The turn goes to whoever waits longest. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#used--;
  }
}

/** The end of a query's time, or of its caller's patience. */
class Limit {
  readonly #ended: Promise<never>;
  readonly #signal: AbortSignal | undefined;
  #reject: (reason: unknown) => void = () => {};
  #timer: NodeJS.Timeout;
  #interrupt: (() => void) | undefined;
  isOver = false;

  constructor({ signal, timeoutMs }: ReadLimits) {
    this.#ended = new Promise((_, reject) => {
      this.#reject = reject;
    });
    this.#ended.catch(() => {});
    this.#timer = setTimeout(
      () => this.#end(new ObsError('OBS_STORE_TIMEOUT', `the query took longer than ${timeoutMs} ms`)),
      timeoutMs,
    );
    this.#signal = signal;
    if (signal?.aborted) this.#end(signal.reason);
    signal?.addEventListener('abort', this.#abort);
  }

  race<R>(work: Promise<R>): Promise<R> {
    return Promise.race([work, this.#ended]);
  }

  /** Calls `interrupt` from the end on, again and again; gives what takes it back. */
  onEnd(interrupt: () => void): () => NodeJS.Timeout | undefined {
    let timer: NodeJS.Timeout | undefined;
    this.#interrupt = () => {
      interrupt();
      timer = setInterval(interrupt, INTERRUPT_EVERY_MS);
    };
    if (this.isOver) this.#interrupt();
    return () => {
      this.#interrupt = undefined;
      return timer;
    };
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.#end(this.#signal?.reason);

  #end(reason: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#reject(reason);
    this.#interrupt?.();
  }
}
