import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isObsError, type MigrationReport, messageOf, ObsError } from '../../../core/index.ts';
import { importDuckDB, quoted } from '../file/open.ts';
import { assertKnownVersion, CATALOG, SCHEMA_VERSION, schemaVersion } from '../file/schema.ts';

/**
 * Says what opening a database would bring up to date, without changing it. One that is not there yet, or that another
 * process has open, is up to date.
 * @throws ObsError `OBS_STORE_NEWER`, `OBS_STORE_CORRUPT`, `OBS_PLUGIN_DEPENDENCY`.
 */
export async function previewMigration(path: string): Promise<MigrationReport> {
  const upToDate = { from: SCHEMA_VERSION, to: SCHEMA_VERSION };
  if (path === ':memory:' || !existsSync(path)) return upToDate;
  const { DuckDBInstance } = await importDuckDB();
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    await connection.run(`ATTACH ${quoted(resolve(path))} AS ${CATALOG} (READ_ONLY)`);
    const version = await schemaVersion(connection, path);
    assertKnownVersion(version, path);
    return { ...upToDate, from: version ?? SCHEMA_VERSION };
  } catch (error) {
    if (isObsError(error)) throw error;
    if (/could not set lock/i.test(messageOf(error))) return upToDate;
    throw new ObsError('OBS_STORE_CORRUPT', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  } finally {
    instance.closeSync();
  }
}
