import type { Database } from '../file/database.ts';
import type { ReadLimits } from '../file/readers.ts';
import type { Commits } from '../write/commits.ts';

/** Time that one look into the whole database may take. */
const LOOK_MS = 10 * 60_000;

/** What care may use. */
export interface CareContext {
  database: Database;
  commits: Commits;
  /** Why the last deletion of what is too old or too much failed, if it did. */
  pruneFailure?: string | undefined;
  signal: AbortSignal | undefined;
  onProgress: ((done: number, total: number) => void) | undefined;
}

/** How long a task may read before it is ended. */
export function readLimits({ signal }: Pick<CareContext, 'signal'>): ReadLimits {
  return { signal, timeoutMs: LOOK_MS };
}
