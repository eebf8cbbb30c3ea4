import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { currentThread, isThreadRunning, type ThreadIdentity } from '../../../core/index.ts';
import { SCHEMA_VERSION } from '../file/schema.ts';
import { hasOpenFile } from './open-files.ts';
import type { RunPlace } from './run-file.ts';

/** Who has a database open and how it is reached, as its run file says. */
export interface Owner extends ThreadIdentity {
  /** When it was opened, ISO 8601. */
  since: string;
  /** What a client has to present; it also tells this lock from any other. */
  token: string;
  /** The path of the socket or pipe. */
  socket: string;
  /** Of the tables. */
  schemaVersion: number;
}

/** The right to open a database. */
export interface FileLock {
  readonly owner: Owner;
  /** Gives it up; safe to repeat, and without effect on a lock of somebody else. */
  release(): void;
}

/** A takeover is a matter of microseconds; one this old was cut short by the end of its process. */
const STALE_CLAIM_MS = 5_000;
/** A run file that names nobody is being written just now; one this old never will be. */
const UNFINISHED_MS = 500;

/**
 * Becomes the one owner of a database unless somebody else is. DuckDB itself keeps other processes out but not a second
 * opener in the same process, which would lose data silently. A lock whose owner runs no more is taken over.
 */
export function tryLock({ database, runFile, socket }: RunPlace): FileLock | undefined {
  // The run file would say so too, unless somebody has deleted it.
  if (openHere().has(database) || hasOpenFile(database)) return undefined;
  const owner: Owner = {
    ...currentThread(),
    since: new Date().toISOString(),
    token: randomBytes(24).toString('hex'),
    socket,
    schemaVersion: SCHEMA_VERSION,
  };
  const text = `${JSON.stringify(owner)}\n`;
  if (!create(runFile, text) && !replaceStale(runFile, text)) return undefined;
  openHere().add(database);
  return { owner, release: () => release(database, runFile, text) };
}

/** Who holds the lock, running or not; undefined when nobody does or the file cannot be made out. */
export function readOwner({ runFile }: RunPlace): Owner | undefined {
  return parse(read(runFile));
}

/**
 * Replaces the lock `stale`, which nobody holds any more; false when another got it or is about to. Of several that
 * try, one gets the claim; whoever comes later finds a new owner behind it, because only the holder of the claim may
 * replace the lock.
 */
export function takeOver(runFile: string, stale: string, text: string): boolean {
  const claim = `${runFile}.claim`;
  if (!create(claim, text)) {
    if (ageMs(claim) > STALE_CLAIM_MS) remove(claim);
    return false;
  }
  if (read(runFile) !== stale) {
    remove(claim);
    return false;
  }
  renameSync(claim, runFile);
  return true;
}

function replaceStale(runFile: string, text: string): boolean {
  const found = read(runFile);
  const owner = parse(found);
  const isStale = owner ? !isThreadRunning(owner) : ageMs(runFile) > UNFINISHED_MS;
  if (found === undefined || !isStale || !takeOver(runFile, found, text)) return false;
  // One beside the database will be used again, one among the temporary files would stay for good.
  if (owner?.socket?.endsWith('.sock')) remove(owner.socket);
  return true;
}

/** The databases that this thread has open, shared with other copies of this module. */
function openHere(): Set<string> {
  const key = Symbol.for('obs.duckdb.open');
  const holder = globalThis as { [key]?: Set<string> };
  holder[key] ??= new Set();
  return holder[key];
}

function release(database: string, runFile: string, text: string): void {
  if (read(runFile) === text) remove(runFile);
  openHere().delete(database);
}

/** Creates a file that is not there; false when it is. */
function create(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
  return true;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string | undefined): Owner | undefined {
  try {
    const owner = JSON.parse(text ?? '') as Partial<Owner> | null;
    return typeof owner?.pid === 'number' ? (owner as Owner) : undefined;
  } catch {
    return undefined;
  }
}

function ageMs(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody else was faster.
  }
}
