import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { isObsError, messageOf, ObsError } from '../../../core/index.ts';
import { type DatabaseFile, makeLogPrivate, makePrivate, prepareFile } from './place.ts';
import { assertKnownVersion, CATALOG, createSchema, schemaVersion } from './schema.ts';

/** Where a database is and what it may use. */
export interface DatabaseOptions {
  /** A file, or `:memory:`. */
  path: string;
  /** Memory for DuckDB's buffers, such as `512MB`. */
  memoryLimit: string;
  /** Threads for queries and checkpoints. */
  threads: number;
}

/** A database that is open. */
export interface OpenDatabase {
  readonly instance: DuckDBInstance;
  /** The one connection that writes. */
  readonly writer: DuckDBConnection;
  /** Absent in memory. */
  readonly file?: DatabaseFile;
}

/**
 * Opens a database and brings its schema up to date; the caller must be its owner. On failure nothing stays open, and
 * a file that is not ours to change is as it was.
 * @throws ObsError `OBS_STORE_PATH`, `OBS_STORE_BUSY`, `OBS_STORE_NEWER`, `OBS_STORE_CORRUPT`,
 * `OBS_PLUGIN_DEPENDENCY`.
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  try {
    if (options.path === ':memory:') return await attach(options);
    const file = prepareFile(options.path);
    return { ...(await attach(options, file)), file };
  } catch (error) {
    throw asOpenError(error, options.path);
  }
}

async function attach(options: DatabaseOptions, file?: DatabaseFile): Promise<OpenDatabase> {
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
  try {
    const writer = await instance.connect();
    await prepare(writer, options.path, file);
    return { instance, writer };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

async function prepare(writer: DuckDBConnection, path: string, file?: DatabaseFile): Promise<void> {
  const target = quoted(file?.path ?? path);
  if (file?.exists) await inspect(writer, path, target);
  await writer.run(`ATTACH ${target} AS ${CATALOG} (STORAGE_VERSION 'latest')`);
  if (file && !file.exists) makePrivate(file);
  await writer.run(`USE ${CATALOG}; SET enable_external_access = false; SET lock_configuration = true`);
  if ((await schemaVersion(writer, path)) === undefined) await createSchema(writer);
  if (file) await makeLogPrivate(file);
}

/** Looks at a file read-only first: opening it for writing could already change it. */
async function inspect(connection: DuckDBConnection, path: string, target: string): Promise<void> {
  await connection.run(`ATTACH ${target} AS ${CATALOG} (READ_ONLY)`);
  assertKnownVersion(await schemaVersion(connection, path), path);
  await connection.run(`DETACH ${CATALOG}`);
}

/** ATTACH takes no bound values: the path is a literal, its quotes doubled. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}

/** Imported on first use: it takes up to a second. */
async function importDuckDB(): Promise<typeof import('@duckdb/node-api')> {
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
