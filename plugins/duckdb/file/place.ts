import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, ObsError } from '../../../core/index.ts';

/** Only the owner of the process may read what an application says to its models. */
export const PRIVATE_FILE = 0o600;
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
  for (const log of logsOf(path)) {
    try {
      chmodSync(log, PRIVATE_FILE);
    } catch {
      // Nothing was written since the last checkpoint, or none runs.
    }
  }
}

/** The write-ahead log of a database, and the one that is written to while a checkpoint runs; either may be missing. */
export function logsOf(path: string): [log: string, duringCheckpoint: string] {
  return [`${path}.wal`, `${path}.wal.checkpoint`];
}

/** The size of a file; 0 when it is not there. */
export function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The size of the logs of a database. */
export function logBytesOf(path: string): number {
  return logsOf(path).reduce((bytes, log) => bytes + bytesOf(log), 0);
}

/** Waits until a file, or the names in a directory, are on the disk. */
export function syncFile(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** @throws ObsError `OBS_STORE_PATH` when the disk of a file has no room for so many bytes more. */
export function mustHaveRoom(path: string, bytes: number, purpose: string): void {
  const { bavail, bsize } = statfsSync(dirname(path));
  const free = bavail * bsize;
  if (free >= bytes) return;
  const needed = `${purpose} needs ${inMegabytes(bytes)}, the disk has ${inMegabytes(free)}`;
  throw new ObsError('OBS_STORE_PATH', `${path}: ${needed}`, {
    hint: 'Make room on the disk; nothing was changed.',
  });
}

/** A size as people read it. */
export function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function createDirectory(directory: string): void {
  if (mkdirSync(directory, { recursive: true, mode: PRIVATE_DIRECTORY }) === undefined) return;
  chmodSync(directory, PRIVATE_DIRECTORY);
  writeFileSync(join(directory, '.gitignore'), '*\n');
}
