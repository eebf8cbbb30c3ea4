import { rmSync } from 'node:fs';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type HealthProblem, isObsError, messageOf, ObsError } from '../../../core/index.ts';
import type { Retention } from '../options.ts';
import { type DatabaseFile, logsOf, makeLogPrivate, makePrivate, prepareFile } from './place.ts';
import { mustBeginSoundly, Repairs } from './repairs.ts';
import {
  assertKnownVersion,
  CATALOG,
  createSchema,
  SCHEMA_VERSION,
  STORAGE,
  schemaVersion,
} from './schema.ts';
import { backUp, mustHaveRoomToUpgrade, upgrade } from './upgrade.ts';

/** Where a database is and what it may use. */
export interface DatabaseOptions {
  /** A file, or `:memory:`. */
  path: string;
  /** Memory for DuckDB's buffers, such as `512MB`. */
  memoryLimit: string;
  /** Threads for queries and checkpoints. */
  threads: number;
  /** What is kept, by signal; default: everything. */
  retention?: Retention | undefined;
}

/** A database that is open. */
export interface OpenDatabase {
  readonly instance: DuckDBInstance;
  /** The one connection that writes. */
  readonly writer: DuckDBConnection;
  /** Absent in memory. */
  readonly file?: DatabaseFile;
  /** What was damaged when it was opened, and what became of it. */
  readonly problems: readonly HealthProblem[];
  /** What an older release had written and this opening brought up to date. */
  readonly upgraded?: Upgraded;
}

/** The version that a database had, and the copy of it as it was. */
export interface Upgraded {
  from: number;
  backup: string;
}

/**
 * Opens a database and brings its schema up to date; the caller must be its owner. A damaged file of ours, or a
 * damaged log, is set aside, and what is sound is opened. On failure nothing stays open, and a file that is not ours
 * to change is as it was.
 * @throws ObsError `OBS_STORE_PATH`, `OBS_STORE_BUSY`, `OBS_STORE_NEWER`, `OBS_STORE_CORRUPT`,
 * `OBS_PLUGIN_DEPENDENCY`.
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  try {
    if (options.path === ':memory:') return { ...(await attach(options)), problems: [] };
    return await openMended(options, new Repairs(prepareFile(options.path).path));
  } catch (error) {
    throw asOpenError(error, options.path);
  }
}

async function openMended(options: DatabaseOptions, repairs: Repairs): Promise<OpenDatabase> {
  for (;;) {
    const file = prepareFile(options.path);
    if (!file.exists) repairs.setStrayLogsAside();
    try {
      return { ...(await attach(options, file)), file, problems: repairs.problems };
    } catch (error) {
      if (isObsError(error) || !repairs.mend(error)) throw error;
    }
  }
}

type Attached = Pick<OpenDatabase, 'instance' | 'writer' | 'upgraded'>;

async function attach(options: DatabaseOptions, file?: DatabaseFile): Promise<Attached> {
  const { DuckDBInstance } = await importDuckDB();
  // The instance itself is in memory and empty: only an attached file can be given a storage version.
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: options.memoryLimit,
    threads: String(options.threads),
    // Never by itself: an automatic checkpoint makes a commit wait for seconds, and a full disk then ends the instance.
    checkpoint_threshold: '1TB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // No spilling: it would leave what is stored here in a file that nobody expects.
    temp_directory: '',
  });
  const writer = await instance.connect();
  try {
    const upgraded = await prepare(writer, options.path, file);
    return { instance, writer, ...(upgraded && { upgraded }) };
  } catch (error) {
    writer.closeSync();
    instance.closeSync();
    throw error;
  }
}

async function prepare(
  writer: DuckDBConnection,
  path: string,
  file?: DatabaseFile,
): Promise<Upgraded | undefined> {
  const attachIt = `ATTACH ${quoted(file?.path ?? path)} AS ${CATALOG} (${STORAGE})`;
  // Until it is known to be ours it is only looked at: a file changes by nothing but a checkpoint.
  await writer.run(`PRAGMA disable_checkpoint_on_shutdown; ${attachIt}`);
  if (file && !file.exists) makePrivate(file);
  const found = await schemaVersion(writer, path);
  assertKnownVersion(found, path);
  if (file) mustBeginSoundly(file.path);
  const isOld = found !== undefined && found < SCHEMA_VERSION;
  const backup = isOld && file ? await backUpFolded(writer, file, found, attachIt) : '';
  await writer.run('PRAGMA enable_checkpoint_on_shutdown');
  if (file) await allowOnly(writer, file);
  await writer.run(`USE ${CATALOG}; SET enable_external_access = false; SET lock_configuration = true`);
  if (found === undefined) await createSchema(writer);
  else if (isOld) await upgradeOrForget(writer, found, backup);
  if (file) makeLogPrivate(file);
  return isOld ? { from: found, backup } : undefined;
}

/** Copies a database, with what was in its log, and attaches it again. */
async function backUpFolded(
  connection: DuckDBConnection,
  file: DatabaseFile,
  version: number,
  attachIt: string,
): Promise<string> {
  mustHaveRoomToUpgrade(file);
  await connection.run(`CHECKPOINT ${CATALOG}; DETACH ${CATALOG}`);
  const backup = backUp(file, version);
  await connection.run(attachIt);
  return backup;
}

/** A failed upgrade leaves the file as it was, so that its copy is one too many. */
async function upgradeOrForget(writer: DuckDBConnection, version: number, backup: string): Promise<void> {
  try {
    await upgrade(writer, version);
  } catch (error) {
    rmSync(backup, { force: true });
    throw error;
  }
}

/** The file that a rewrite may create, which is nothing that a query could read. */
export function rewrittenPath({ path }: DatabaseFile): string {
  return `${path}.rewritten`;
}

async function allowOnly(writer: DuckDBConnection, file: DatabaseFile): Promise<void> {
  const path = rewrittenPath(file);
  const paths = [path, ...logsOf(path)].map(quoted);
  await writer.run(`SET allowed_paths = [${paths.join(', ')}]`);
}

/** ATTACH takes no bound values: the path is a literal, its quotes doubled. */
export function quoted(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}

/** Imported on first use: it takes up to a second. */
export async function importDuckDB(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    throw new ObsError('OBS_PLUGIN_DEPENDENCY', '@duckdb/node-api cannot be loaded', {
      cause: error,
      hint: 'Install it: npm install @duckdb/node-api@1.5.5-r.5',
    });
  }
}

function asOpenError(error: unknown, path: string): ObsError {
  if (isObsError(error)) return error;
  const message = messageOf(error);
  const options = { cause: error };
  if (/could not set lock/i.test(message)) {
    const owner = /held in (.*?)\. See/.exec(message)?.[1] ?? 'another process';
    return new ObsError('OBS_STORE_BUSY', `${path} is open in ${owner}`, options);
  }
  if (/version number|newer version|storage version/i.test(message))
    return new ObsError('OBS_STORE_NEWER', `${path}: ${message}`, options);
  if ('syscall' in (error as object) || /permission denied|read-only file system|no space/i.test(message))
    return new ObsError('OBS_STORE_PATH', `${path} cannot be opened: ${message}`, options);
  return new ObsError('OBS_STORE_CORRUPT', `${path} is not a database that can be read: ${message}`, options);
}
