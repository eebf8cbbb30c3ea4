import type { CareTask } from '../access.ts';
import { compact } from './compact.ts';
import type { CareContext } from './context.ts';
import { inspect } from './inspect.ts';
import { migrate } from './migrate.ts';
import { prune } from './prune.ts';

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
