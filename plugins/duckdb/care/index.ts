import type { CareTask } from '../access.ts';
import type { Database, ReadLimits } from '../file/database.ts';
import type { Commits } from '../write/commits.ts';
import { compact } from './compact.ts';
import { inspect } from './inspect.ts';
import { migrate } from './migrate.ts';
import { prune } from './prune.ts';

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

/** How a task is done. */
export type Care = (context: CareContext, args: { dryRun?: boolean }) => Promise<unknown>;

export const CARE: Record<CareTask, Care> = {
  prune,
  compact,
  migrate,
  inspect,
  /** What was found broken when the file was opened, and what became of it. */
  damage: async ({ database }) => database.state.problems,
};

/** How long a task may read before it is ended. */
export function readLimits({ signal }: Pick<CareContext, 'signal'>): ReadLimits {
  return { signal, timeoutMs: LOOK_MS };
}
