import { chmodSync, existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, ObsError } from '../../../core/index.ts';

/** Only the owner of the process may read what an application says to its models. */
const PRIVATE_FILE = 0o600;
const PRIVATE_DIRECTORY = 0o700;

/** A database file on disk and its write-ahead log. */
export interface DatabaseFile {
  /** Absolute, with symbolic links resolved: the same for whoever opens the same file. */
  readonly path: string;
  readonly exists: boolean;
}

/**
 * Makes the place for a database: a missing directory is created for its owner alone, with a `.gitignore` of `*`.
 * @throws ObsError `OBS_STORE_PATH`.
 */
export function prepareFile(givenPath: string): DatabaseFile {
  try {
    const directory = dirname(resolve(givenPath));
    createDirectory(directory);
    const link = join(realpathSync(directory), basename(givenPath));
    const exists = existsSync(link);
    const path = exists ? realpathSync(link) : link;
    if (exists && !statSync(path).isFile()) throw new Error(`${path} is not a file`);
    return { path, exists };
  } catch (error) {
    throw new ObsError('OBS_STORE_PATH', `${givenPath} cannot be opened: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Closes a database that was just created to other users. */
export function makePrivate({ path }: DatabaseFile): void {
  chmodSync(path, PRIVATE_FILE);
}

/**
 * Closes the write-ahead log to other users. DuckDB makes a new one after every checkpoint, so this follows every
 * write. A log that is not there is no failure.
 */
export function makeLogPrivate({ path }: DatabaseFile): void {
  try {
    chmodSync(`${path}.wal`, PRIVATE_FILE);
  } catch {
    // Nothing was written since the last checkpoint.
  }
}

function createDirectory(directory: string): void {
  if (mkdirSync(directory, { recursive: true, mode: PRIVATE_DIRECTORY }) === undefined) return;
  chmodSync(directory, PRIVATE_DIRECTORY);
  writeFileSync(join(directory, '.gitignore'), '*\n');
}
