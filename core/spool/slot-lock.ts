import { join } from 'node:path';
import { currentThread, isThreadRunning, type ThreadIdentity } from '../thread-identity.ts';
import { call, codeOf, create, namesIn, readBytes, remove, type Steps, writeAll } from './steps.ts';

/** The right to write in a slot. */
export interface SlotLock {
  readonly directory: string;
  /** Grows with each holder of the slot. */
  readonly fencing: number;
}

/** What stands in a lock file: who holds the slot, or nobody any more. */
type Holder = (ThreadIdentity & { isFree?: undefined }) | { isFree: true };

const NAME = /^lock\.(\d+)$/;
const TEMPORARY = /^lock-[0-9a-f]+\.new$/;
const pathOf = (directory: string, number: number) => join(directory, `lock.${number}`);

/**
 * Takes the lock of a slot; undefined when a thread that runs holds it. The lock files are numbered, and the highest
 * number holds. A file is whole from the moment that it exists, and only one thread can make the one of a number.
 */
export function* takeLock(directory: string): Steps<SlotLock | undefined> {
  const highest = (yield* lockNumbers(directory)).at(-1) ?? 0;
  if (highest > 0 && (yield* isHeld(directory, highest))) return undefined;
  const fencing = highest + 1;
  if (!(yield* makeLock(directory, fencing))) return undefined;
  const numbers = yield* lockNumbers(directory);
  // Somebody was here while we looked: took the lock, gave it back, and has removed the files that we saw.
  if (numbers.at(-1) !== fencing) {
    yield* remove(pathOf(directory, fencing));
    return undefined;
  }
  for (const number of numbers) if (number < fencing) yield* remove(pathOf(directory, number));
  // What others began and did not end; whoever is still at it finds the lock taken.
  for (const name of yield* namesIn(directory))
    if (TEMPORARY.test(name)) yield* remove(join(directory, name));
  return { directory, fencing };
}

/** Gives a lock back. Its file stays, so that the numbers never go down. */
export function* releaseLock({ directory, fencing }: SlotLock): Steps<void> {
  const path = yield* writeTemporary(directory, { isFree: true });
  yield* call('rename', path, pathOf(directory, fencing));
}

function* lockNumbers(directory: string): Steps<number[]> {
  const names = yield* namesIn(directory);
  const numbers = names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
  return numbers.sort((one, other) => one - other);
}

function* isHeld(directory: string, number: number): Steps<boolean> {
  let text: string;
  try {
    text = (yield* readBytes(pathOf(directory, number))).toString();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    // Taken over a moment ago.
    return true;
  }
  const holder = parse(text);
  return holder !== undefined && !holder.isFree && isThreadRunning(holder);
}

/** Undefined for what a power cut left: whoever wrote it has gone. */
function parse(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Holder | null;
    return typeof holder === 'object' && holder !== null ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** False when there is such a file already. */
function* makeLock(directory: string, number: number): Steps<boolean> {
  const path = yield* writeTemporary(directory, currentThread());
  try {
    yield* call('link', path, pathOf(directory, number));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
    throw error;
  } finally {
    yield* remove(path);
  }
}

function* writeTemporary(directory: string, holder: Holder): Steps<string> {
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const path = join(directory, `lock-${randomBytes(6).toString('hex')}.new`);
  const fd = yield* create(path);
  try {
    yield* writeAll(fd, Buffer.from(JSON.stringify(holder)), 0);
  } finally {
    yield* call('close', fd);
  }
  return path;
}
