import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { messageOf, ObsError } from '../../core/index.ts';
import type { Destination, Progress } from './destination.ts';
import { LineBuffer } from './line-buffer.ts';

/** When a file is set aside and how many are kept. */
export interface Rotation {
  maxBytes: number;
  maxFiles: number;
}

interface OpenFile {
  handle: FileHandle;
  /** Device and inode: tells whether the path still leads to this file. */
  identity: string;
}

// Not through a link, which somebody else may have put there; O_NOFOLLOW does not exist on Windows.
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
const NEWLINE = 0x0a;

/**
 * Lines appended to a file, 0600 in a 0700 directory where it has to make them. Several processes may append to the
 * same path: each looks before it writes whether the file was set aside or removed, and then follows to the new one.
 */
export class FileDestination implements Destination {
  readonly isTerminal = false;
  readonly hasColour = false;
  readonly #path: string;
  readonly #rotation: Rotation;
  readonly #buffer = new LineBuffer();
  #file: OpenFile | undefined;
  /** The file ends inside a line: a write failed half way, here or in a process before this one. */
  #isTorn = false;
  #isDirty = false;
  readonly #dirtyDirectories = new Set<string>();

  constructor(path: string, rotation: Rotation) {
    this.#path = resolve(path);
    this.#rotation = rotation;
  }

  /** @throws ObsError `OBS_FILE_PATH`. */
  async open(): Promise<void> {
    await this.#current();
  }

  async append(lines: readonly string[], progress: Progress, abortSignal?: AbortSignal): Promise<void> {
    while (progress.done < lines.length) {
      abortSignal?.throwIfAborted();
      const { handle, size } = await this.#current();
      const room = this.#rotation.maxBytes - size;
      const isTorn = this.#isTorn;
      const bytes = this.#buffer.fill({ lines, start: progress.done, room, force: size === 0, isTorn });
      if (bytes) await this.#write(handle, bytes, progress);
      else await this.#rotate();
    }
  }

  async sync(): Promise<void> {
    if (this.#isDirty) await this.#file?.handle.datasync();
    this.#isDirty = false;
    for (const directory of this.#dirtyDirectories) await syncDirectory(directory);
    this.#dirtyDirectories.clear();
  }

  async close(): Promise<void> {
    await this.sync();
    await this.#file?.handle.close();
    this.#file = undefined;
  }

  /** The file that the path leads to now, and its size. */
  async #current(): Promise<{ handle: FileHandle; size: number }> {
    const found = await stat(this.#path, { bigint: true }).catch(() => undefined);
    if (this.#file && found && identityOf(found) === this.#file.identity)
      return { handle: this.#file.handle, size: Number(found.size) };
    await this.close();
    return this.#open();
  }

  async #open(): Promise<{ handle: FileHandle; size: number }> {
    try {
      await this.#makeDirectory();
      const handle = await open(this.#path, FLAGS, 0o600);
      const { size, identity, isTorn } = await inspect(handle);
      this.#file = { handle, identity };
      this.#isTorn = isTorn;
      this.#dirtyDirectories.add(dirname(this.#path));
      return { handle, size };
    } catch (cause) {
      throw new ObsError('OBS_FILE_PATH', `cannot write to ${this.#path}: ${messageOf(cause)}`, { cause });
    }
  }

  /** Makes the directory; one that had to be made stays out of version control, since prompts go there. */
  async #makeDirectory(): Promise<void> {
    const made = await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    if (made === undefined) return;
    this.#dirtyDirectories.add(dirname(made));
    await writeFile(join(made, '.gitignore'), '*\n', { flag: 'wx', mode: 0o600 }).catch(ignore('EEXIST'));
  }

  /** Appends whole lines. When it fails, the lines that did get there are counted and the rest of one is noted. */
  async #write(handle: FileHandle, bytes: Buffer, progress: Progress): Promise<void> {
    const wasTorn = this.#isTorn;
    let written = 0;
    this.#isDirty = true;
    try {
      while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
    } finally {
      const there = bytes.subarray(0, written);
      if (written > 0) this.#isTorn = there[written - 1] !== NEWLINE;
      progress.done += lineEnds(there) - (wasTorn && written > 0 ? 1 : 0);
    }
  }

  /** events.jsonl becomes .1, .1 becomes .2, ..., and the oldest goes. Safe to repeat after a failure. */
  async #rotate(): Promise<void> {
    for (let n = this.#rotation.maxFiles - 1; n >= 1; n--)
      await rename(`${this.#path}.${n}`, `${this.#path}.${n + 1}`).catch(ignore('ENOENT'));
    await rename(this.#path, `${this.#path}.1`).catch(ignore('ENOENT'));
  }
}

function lineEnds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

function identityOf({ dev, ino }: { dev: bigint; ino: bigint }): string {
  return `${dev}:${ino}`;
}

/** What an opened file is; closes it when it is nothing to append lines to. */
async function inspect(handle: FileHandle) {
  try {
    const found = await handle.stat({ bigint: true });
    if (!found.isFile()) throw new Error('not a regular file');
    const size = Number(found.size);
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    return { size, identity: identityOf(found), isTorn: size > 0 && last[0] !== NEWLINE };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Makes new names in a directory durable. Not every system can. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

function ignore(code: string): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (error.code !== code) throw error;
  };
}
