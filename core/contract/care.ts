import type { Signal } from '../signals/index.ts';

/** What care for a store can be given beside its arguments. */
export interface CareOptions {
  signal?: AbortSignal;
  /** Told of steps done, of how many. */
  onProgress?: (done: number, total: number) => void;
}

/** What was deleted because of its age or size, or would be. */
export interface PruneReport {
  isDryRun: boolean;
  /** Signals of which nothing goes are left out. */
  deleted: { signal: Signal; records: number; why: 'age' | 'size'; before?: Date }[];
  /** Whole traces among the deleted spans. */
  traces: number;
}

/** What a rewrite without the gaps gave back, in bytes. */
export interface CompactReport {
  bytesBefore: number;
  bytesAfter: number;
}

/** What brought an older file up to date, or would. */
export interface MigrationReport {
  from: number;
  to: number;
  /** The copy of the file as it was; absent when nothing had to be done. */
  backup?: string;
}

/** A thing that is wrong with a store, and what to do about it. */
export interface HealthProblem {
  code: string;
  message: string;
  hint: string;
}

/** How a store is. */
export interface HealthReport {
  path: string;
  schemaVersion: number;
  /** Who has it open. */
  owner: { pid: number; threadId: number; since: Date; isThisProcess: boolean };
  /** What belongs to it on disk: the database, its log, backups, what was set aside. */
  files: { path: string; bytes: number; what: 'database' | 'log' | 'backup' | 'set aside' }[];
  tables: { name: string; records: number; bytes: number }[];
  problems: HealthProblem[];
}
