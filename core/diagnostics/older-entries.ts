import { addCounts, noCounts } from '../delivery/counts.ts';
import { SIGNALS } from '../signals/index.ts';
import type { PluginDiagnostics } from './diagnostics.ts';

/** What the entries are listed as, in one, whose counts are no longer kept apart. */
export const OLDER_ENTRIES = '(older entries)';
/** Entries that are closed and listed by themselves. */
const MAX_CLOSED = 100;

/** Adds up the counts of entries that were closed long ago, so that many reloads take no memory and lose no count. */
export function foldOlder(plugins: Map<string, PluginDiagnostics>): void {
  const closed = [...plugins].filter(([key, { state }]) => state === 'closed' && key !== OLDER_ENTRIES);
  for (const [key, { signals }] of closed.slice(0, -MAX_CLOSED)) {
    plugins.delete(key);
    const older = plugins.get(OLDER_ENTRIES) ?? { state: 'closed', tapFailures: {}, signals: {} };
    plugins.set(OLDER_ENTRIES, older);
    for (const signal of SIGNALS) {
      const counts = signals[signal];
      if (!counts) continue;
      older.signals[signal] ??= noCounts();
      addCounts(older.signals[signal], counts);
    }
  }
}
