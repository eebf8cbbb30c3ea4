import type { CareTask } from '../access.ts';
import type { Database } from '../file/database.ts';
import type { Commits } from '../write/commits.ts';

/** What care may use. */
export interface CareContext {
  database: Database;
  commits: Commits;
  signal: AbortSignal | undefined;
  onProgress: ((done: number, total: number) => void) | undefined;
}

/** How a task is done. */
export type Care = (context: CareContext, args: { dryRun?: boolean }) => Promise<unknown>;

export const CARE = {} as Record<CareTask, Care>;
