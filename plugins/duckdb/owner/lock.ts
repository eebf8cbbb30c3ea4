import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { ObsError } from '../../../core/index.ts';
import { currentThread, isRunning, type ThreadIdentity } from './process-identity.ts';

/** Who has a database open, as its lock file says. */
export interface Owner extends ThreadIdentity {
  /** When it was opened, ISO 8601. */
  since: string;
  /** Tells this lock from any other. */
  token: string;
}

/** The right to open a database. */
export interface FileLock {
  /** Gives it up; safe to repeat, and without effect on a lock of somebody else. */
  release(): void;
}

const RETRY_MS = 25;
const MAX_RETRIES = 20;
/** A takeover is a matter of microseconds; one this old was cut short by the end of its process. */
const STALE_CLAIM_MS = 5_000;

/**
 * Becomes the one owner of a database. DuckDB itself keeps other processes out but not a second opener in the same
 * process, which would lose data silently. A lock whose owner runs no more is taken over.
 * @throws ObsError `OBS_STORE_BUSY` that names the owner.
 */
export async function acquireLock(path: string): Promise<FileLock> {
  const lockPath = `${path}.lock`;
  const mine: Owner = { ...currentThread(), since: new Date().toISOString(), token: randomUUID() };
  const text = `${JSON.stringify(mine)}\n`;
  const inThisThread = openHere().get(path);
  if (inThisThread) throw busy(path, inThisThread);
  for (let attempt = 0; !create(lockPath, text); attempt++) {
    const found = read(lockPath);
    const owner = parse(found);
    if (owner && isRunning(owner)) throw busy(path, owner);
    // Without an owner it may be a lock that is being written just now.
    const isStale = owner !== undefined || attempt === MAX_RETRIES - 1;
    if (found !== undefined && isStale && takeOver(lockPath, found, text)) break;
    if (attempt >= MAX_RETRIES) throw new ObsError('OBS_STORE_BUSY', `${lockPath} cannot be taken`);
    await setTimeout(RETRY_MS);
  }
  // Another store of this thread can have come first during a wait, but then the lock file names it.
  openHere().set(path, mine);
  return { release: () => release(path, lockPath, text) };
}

/** The databases that this thread has open, shared with other copies of this module. */
function openHere(): Map<string, Owner> {
  const key = Symbol.for('obs.duckdb.open');
  const holder = globalThis as { [key]?: Map<string, Owner> };
  holder[key] ??= new Map();
  return holder[key];
}

/**
 * Replaces the lock `stale`, which nobody holds any more; false when another got it or is about to. Of several that
 * try, one gets the claim; whoever comes later finds a new owner behind it, because only the holder of the claim may
 * replace the lock.
 */
export function takeOver(lockPath: string, stale: string, text: string): boolean {
  const claim = `${lockPath}.claim`;
  if (!create(claim, text)) {
    if (ageMs(claim) > STALE_CLAIM_MS) remove(claim);
    return false;
  }
  if (read(lockPath) !== stale) {
    remove(claim);
    return false;
  }
  renameSync(claim, lockPath);
  return true;
}

function release(path: string, lockPath: string, text: string): void {
  openHere().delete(path);
  if (read(lockPath) === text) remove(lockPath);
}

function busy(path: string, { pid, threadId, since }: Owner): ObsError {
  const thread = threadId === 0 ? 'main thread' : `worker thread ${threadId}`;
  const where = pid === process.pid ? `this process (${pid})` : `process ${pid}`;
  return new ObsError('OBS_STORE_BUSY', `${path} has been open in ${where}, ${thread}, since ${since}`);
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
