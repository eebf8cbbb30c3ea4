import type { PruneReport } from '../core/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { counted, dateTime } from './render/amounts.ts';
import { createProgress } from './render/progress.ts';
import { withStore } from './stores.ts';
import { createTerminal } from './terminal.ts';

/** The options of `obs prune`. */
export interface PruneOptions {
  dryRun?: boolean;
  store?: string;
  json?: boolean;
}

/** Deletes what the retention of a store no longer wants, or says what that is. */
export function prune({ dryRun = false, store: key, json }: PruneOptions): Promise<ExitCode> {
  const terminal = createTerminal(json);
  return withStore(key, async (store) => {
    const progress = createProgress('pruning');
    const report = await store.prune({ dryRun }, { onProgress: progress.at }).finally(progress.end);
    if (terminal.isJson) terminal.json(report);
    else terminal.print(reportLines(report).join('\n'));
    return EXIT.ok;
  });
}

function reportLines({ isDryRun, deleted, traces }: PruneReport): string[] {
  const what = isDryRun ? 'would go' : 'deleted';
  if (deleted.length === 0) return [isDryRun ? 'nothing would go' : 'nothing to delete'];
  const lines = deleted.map(({ signal, records, why, before }) => {
    const reason = why === 'age' ? 'too old' : 'the store is too large';
    const until = before ? `, before ${dateTime(before)}` : '';
    return `${signal}: ${counted(records, 'record')} ${what} (${reason}${until})`;
  });
  return traces > 0 ? [...lines, `${counted(traces, 'whole trace')} ${what}`] : lines;
}
