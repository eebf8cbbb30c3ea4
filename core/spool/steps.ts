import { constants } from 'node:fs';
import { dirname } from 'node:path';
import type { FileCall, FileCalls, SpoolFiles } from './files.ts';

/** A course of file calls: what is written once here runs in the background, and at once when the process ends. */
export type Steps<R> = Generator<FileCall, R, unknown>;

/** Runs a course without holding up anybody. */
export async function run<R>(steps: Steps<R>, files: SpoolFiles): Promise<R> {
  let step = steps.next();
  while (!step.done) {
    let result: unknown;
    try {
      result = await files.run(step.value);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(result);
  }
  return step.value;
}

/** Runs a course before it returns. */
export function runSync<R>(steps: Steps<R>, files: SpoolFiles): R {
  let step = steps.next();
  while (!step.done) {
    let result: unknown;
    try {
      result = files.runSync(step.value);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(result);
  }
  return step.value;
}

/** One call. */
export function* call<K extends keyof FileCalls>(
  name: K,
  ...args: Parameters<FileCalls[K]>
): Steps<ReturnType<FileCalls[K]>> {
  return (yield { name, args } as FileCall) as ReturnType<FileCalls[K]>;
}

/** The code of what a file system said, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}

// Never through a link, which somebody else may have put there; neither flag does harm where a system lacks it.
const NO_LINK = constants.O_NOFOLLOW ?? 0;
const CREATE = constants.O_RDWR | constants.O_CREAT | NO_LINK;

/** Opens a file for reading. */
export const openToRead = (path: string) => call('open', path, constants.O_RDONLY | NO_LINK, 0);
/** Creates a file that is not there yet. */
export const create = (path: string) => call('open', path, CREATE | constants.O_EXCL, 0o600);
/** Opens a file for reading and writing, and creates it where it is missing. */
export const openOrCreate = (path: string) => call('open', path, CREATE, 0o600);

/** Writes all bytes at a place; a disk may take them piece by piece. */
export function* writeAll(fd: number, bytes: Uint8Array, at: number): Steps<void> {
  for (let done = 0; done < bytes.length; ) {
    const count = yield* call('write', fd, bytes, done, bytes.length - done, at + done);
    if (count === 0) throw new Error('the disk takes no more bytes');
    done += count;
  }
}

/** Memory that is used for one file after another; what was read into it lasts until the next. */
export interface Room {
  bytes: Buffer;
}

/** The bytes of a file from a place on, up to an end; in memory of their own unless there is a room for them. */
export function* readBytes(
  path: string,
  from = 0,
  end = Number.POSITIVE_INFINITY,
  room: Room = { bytes: Buffer.alloc(0) },
): Steps<Buffer> {
  const fd = yield* openToRead(path);
  try {
    const { size } = yield* call('fstat', fd);
    const length = Math.max(0, Math.min(size, end) - from);
    if (room.bytes.length < length) room.bytes = Buffer.allocUnsafe(length);
    const bytes = room.bytes.subarray(0, length);
    let done = 0;
    while (done < bytes.length) {
      const count = yield* call('read', fd, bytes, done, bytes.length - done, from + done);
      if (count === 0) break;
      done += count;
    }
    return bytes.subarray(0, done);
  } finally {
    yield* call('close', fd);
  }
}

/** The names in a directory, in order; none where there is no such directory. */
export function* namesIn(directory: string): Steps<string[]> {
  try {
    return (yield* call('readdir', directory)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Removes a file; one that has gone is no failure. */
export function* remove(path: string): Steps<void> {
  try {
    yield* call('unlink', path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** Makes the names in a directory outlive a power cut. */
export function* syncDirectory(directory: string): Steps<void> {
  let fd: number;
  try {
    fd = yield* openToRead(directory);
  } catch (error) {
    // Windows opens no directories; its file system keeps names by itself.
    if (codeOf(error) === 'EPERM' || codeOf(error) === 'EISDIR') return;
    throw error;
  }
  try {
    yield* call('fsync', fd);
  } finally {
    yield* call('close', fd);
  }
}

/** Makes a directory and those above it, of 0700, where they are missing. Each then outlives a power cut. */
export function* makeDirectory(directory: string): Steps<void> {
  try {
    yield* call('mkdir', directory, 0o700);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      yield* makeDirectory(dirname(directory));
      yield* makeDirectory(directory);
      return;
    }
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  // Also for one that is there: whoever made it may have ended before this.
  yield* syncDirectory(dirname(directory));
}
