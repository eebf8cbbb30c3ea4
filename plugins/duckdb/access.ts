import type { QueryName } from '../../core/index.ts';

/** What a write adds: whole spans, changes to spans, or events of another signal. */
export type WriteKind = 'spans' | 'changes' | 'metrics' | 'logs' | 'scores' | 'feedback';

/** What can be done for a store beside writing and reading. */
export type CareTask = 'prune' | 'compact' | 'migrate' | 'inspect' | 'damage';

/** One thing asked of a store. It is plain data, so that it can be asked from any thread and any process. */
export type Call =
  /** `isSole`: nobody else has this array of records, so that each may be let go once it is a row. */
  | { kind: 'write'; what: WriteKind; records: readonly object[]; isSole?: true }
  /** Arguments are parsed. */
  | { kind: 'read'; query: Exclude<QueryName, 'batchDeleteTraces'>; args: unknown; timeoutMs: number }
  | { kind: 'delete'; traceIds: readonly string[] }
  | { kind: 'clear' }
  | { kind: 'care'; task: CareTask; args: { dryRun?: boolean } };

/** What goes along with a call and stays on the caller's side. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * A way to a database: the engine that has it open, a worker thread, or a socket to the process that has it open. All
 * behave alike: calls are taken in order, writes are done in that order, a resolved write is stored.
 */
export interface Access {
  /** May be repeated, also after a failure. @throws ObsError that says why the database cannot be opened. */
  open(): Promise<void>;
  /** @throws ObsError; for a write that may be repeated `OBS_STORE_WRITE`, for a read `OBS_STORE_READ`. */
  call(call: Call, options?: CallOptions): Promise<unknown>;
  /** Closes after everything that was asked before; safe to repeat. */
  close(): Promise<void>;
  /**
   * Does the calls without returning to the event loop, after all that was asked before; for the end of the process.
   * True once everything is stored. Absent where nothing can be done meanwhile.
   */
  flushSync?(calls: readonly Call[], deadlineMs: number): boolean;
}
