import type { MigrationReport } from '../../../core/index.ts';
import { SCHEMA_VERSION } from '../file/schema.ts';
import type { CareContext } from './context.ts';

/**
 * Says what opening did: it brings an older file up to date, after a copy. An open database is always up to date, so
 * that there is nothing else to be done, with `dryRun` or without.
 */
export async function migrate({ database }: CareContext): Promise<MigrationReport> {
  const { upgraded } = database.state;
  if (!upgraded) return { from: SCHEMA_VERSION, to: SCHEMA_VERSION };
  return { from: upgraded.from, to: SCHEMA_VERSION, backup: upgraded.backup };
}
