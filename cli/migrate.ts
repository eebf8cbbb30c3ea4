import type { MigrationReport } from '../core/index.ts';
import { printable } from '../core/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { createProgress } from './render/progress.ts';
import { withStore } from './stores.ts';
import { createTerminal } from './terminal.ts';

/** The options of `obs migrate`. */
export interface MigrateOptions {
  dryRun?: boolean;
  store?: string;
  json?: boolean;
}

/** Brings a store up to date, which opening does; or says what that would be, for which it is not opened. */
export function migrate({ dryRun = false, store: key, json }: MigrateOptions): Promise<ExitCode> {
  const terminal = createTerminal(json);
  const migrated = async (store: Parameters<Parameters<typeof withStore>[1]>[0]) => {
    const progress = createProgress('migrating');
    const report = await store.migrate({ dryRun }, { onProgress: progress.at }).finally(progress.end);
    if (terminal.isJson) terminal.json({ isDryRun: dryRun, ...report });
    else terminal.print(printable(reportLine(report, dryRun)));
    return EXIT.ok;
  };
  return withStore(key, migrated, { init: !dryRun });
}

function reportLine({ from, to, backup }: MigrationReport, isDryRun: boolean): string {
  if (from === to) return `schema version ${to} is up to date`;
  if (isDryRun) return `schema version ${from} would become ${to}, with a copy of the file as it is now`;
  const copy = backup === undefined ? '' : `; the file as it was: ${backup}`;
  return `schema version ${from} became ${to}${copy}`;
}
