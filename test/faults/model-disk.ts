import { basename, dirname } from 'node:path';
import type { FileCall, FileCalls, SpoolFiles } from '../../core/spool/files.ts';

/** A file: what processes see, what the disk has for sure, and what was written since and may or may not be there. */
interface File {
  seen: Buffer;
  durable: Buffer;
  writes: { at: number; bytes: Buffer }[];
}
interface Directory {
  seen: Map<string, Entry>;
  durable: Map<string, Entry>;
}
type Entry = File | Directory;

/** What befalls the calls to come. */
export interface Fault {
  /** Calls until then. */
  after: number;
  /** `kill`: the process ends in the middle of the call. `power`: the machine does. Otherwise the code of a failure. */
  what: 'kill' | 'power' | 'EIO' | 'ENOSPC';
}

const isDirectory = (entry: Entry): entry is Directory => entry.seen instanceof Map;
const failure = (code: string) => Object.assign(new Error(`${code}: of the model`), { code });

/**
 * A file system with a page cache: data is durable after fdatasync, names after fsync of their directory; until then a
 * power cut keeps any part of them. A process that was killed never gets an answer.
 */
export class ModelDisk {
  readonly #random: () => number;
  readonly #root: Directory = { seen: new Map(), durable: new Map() };
  readonly #open = new Map<number, Entry>();
  #nextFd = 3;
  #life = 0;
  fault: Fault | undefined;
  powerCuts = 0;
  isDead = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The files as a process sees them that starts now. */
  boot(): SpoolFiles {
    const life = ++this.#life;
    this.isDead = false;
    this.fault = undefined;
    this.#open.clear();
    this.#makeLocksStale(this.#root);
    return {
      run: async (call) => {
        const result = this.#call(call, life);
        return this.#isGone(life) ? new Promise(() => {}) : result;
      },
      runSync: (call) => this.#call(call, life),
    };
  }

  /** The process ends now; what it wrote is there. */
  kill(): void {
    this.isDead = true;
  }

  /** The machine ends now. */
  cutPower(): void {
    this.isDead = true;
    this.powerCuts++;
    this.#loseOf(this.#root);
  }

  /** The system writes back what it likes. */
  writeBack(): void {
    for (const file of this.#files(this.#root)) {
      if (this.#random() < 0.5) continue;
      Object.assign(file, { durable: this.#partly(file), writes: file.writes });
    }
  }

  /** The names in a directory, as processes see them. */
  names(path: string): string[] {
    const entry = this.#find(path);
    return entry && isDirectory(entry) ? [...entry.seen.keys()] : [];
  }

  /** Bytes of a file, to damage. */
  bytes(path: string): Buffer {
    return (this.#find(path) as File).seen;
  }

  remove(path: string): void {
    for (const image of ['seen', 'durable'] as const) this.#parent(path)[image].delete(basename(path));
  }

  #isGone(life: number): boolean {
    return this.isDead || life !== this.#life;
  }

  #call(call: FileCall, life: number): unknown {
    if (this.#isGone(life)) return undefined;
    if (this.fault && this.fault.after-- <= 0) return this.#strike(call, this.fault.what);
    return this.#do(call);
  }

  #strike(call: FileCall, what: Fault['what']): unknown {
    this.fault = undefined;
    const { name, args } = call;
    if (name === 'write' && this.#random() < 0.8) {
      const [fd, bytes, offset, length, position] = args;
      this.#do({ name, args: [fd, bytes, offset, Math.floor(length * this.#random()), position] });
    } else if (what === 'kill' || what === 'power') this.#tryDo(call);
    if (what === 'kill') this.kill();
    else if (what === 'power') this.cutPower();
    else throw failure(what);
    return undefined;
  }

  #tryDo(call: FileCall): void {
    try {
      if (this.#random() < 0.5) this.#do(call);
    } catch {
      // Nobody is there to be told.
    }
  }

  #do({ name, args }: FileCall): unknown {
    return (this.#calls[name] as (...args: unknown[]) => unknown)(...args);
  }

  readonly #calls: {
    [K in keyof FileCalls]: (...args: Parameters<FileCalls[K]>) => ReturnType<FileCalls[K]>;
  } = {
    open: (path, flags) => {
      let entry = this.#find(path);
      const mayCreate = (flags & 0o100) !== 0;
      if (entry && (flags & 0o200) !== 0) throw failure('EEXIST');
      if (!entry && !mayCreate) throw failure('ENOENT');
      if (!entry) {
        entry = { seen: Buffer.alloc(0), durable: Buffer.alloc(0), writes: [] };
        this.#parent(path).seen.set(basename(path), entry);
      }
      this.#open.set(this.#nextFd, entry);
      return this.#nextFd++;
    },
    close: (fd) => void this.#open.delete(fd),
    write: (fd, bytes, offset, length, position) => {
      const file = this.#open.get(fd) as File;
      const part = Buffer.from(bytes.subarray(offset, offset + length));
      file.writes.push({ at: position, bytes: part });
      file.seen = written(file.seen, position, part);
      return length;
    },
    read: (fd, bytes, offset, length, position) => {
      const { seen } = this.#open.get(fd) as File;
      return seen.copy(bytes, offset, position, position + length);
    },
    fstat: (fd) => ({ size: (this.#open.get(fd) as File).seen.length }),
    ftruncate: (fd, length) => {
      const file = this.#open.get(fd) as File;
      file.seen = file.seen.subarray(0, length);
    },
    fdatasync: (fd) => this.#sync(this.#open.get(fd)!),
    fsync: (fd) => this.#sync(this.#open.get(fd)!),
    mkdir: (path) => {
      if (this.#find(path)) throw failure('EEXIST');
      this.#parent(path).seen.set(basename(path), { seen: new Map(), durable: new Map() });
    },
    readdir: (path) => {
      const entry = this.#find(path);
      if (!entry || !isDirectory(entry)) throw failure('ENOENT');
      return [...entry.seen.keys()];
    },
    link: (from, to) => {
      if (this.#find(to)) throw failure('EEXIST');
      const entry = this.#find(from);
      if (!entry) throw failure('ENOENT');
      this.#parent(to).seen.set(basename(to), entry);
    },
    rename: (from, to) => {
      const entry = this.#find(from);
      if (!entry) throw failure('ENOENT');
      this.#parent(from).seen.delete(basename(from));
      this.#parent(to).seen.set(basename(to), entry);
    },
    unlink: (path) => {
      if (!this.#parent(path).seen.delete(basename(path))) throw failure('ENOENT');
    },
  };

  #sync(entry: Entry): void {
    if (isDirectory(entry)) entry.durable = new Map(entry.seen);
    else Object.assign(entry, { durable: Buffer.from(entry.seen), writes: [] });
  }

  #find(path: string): Entry | undefined {
    let entry: Entry | undefined = this.#root;
    for (const name of path.split('/').filter(Boolean)) {
      if (!entry || !isDirectory(entry)) return undefined;
      entry = entry.seen.get(name);
    }
    return entry;
  }

  #parent(path: string): Directory {
    const parent = this.#find(dirname(path));
    if (!parent || !isDirectory(parent)) throw failure('ENOENT');
    return parent;
  }

  *#files(directory: Directory): Generator<File> {
    for (const entry of directory.seen.values()) {
      if (isDirectory(entry)) yield* this.#files(entry);
      else yield entry;
    }
  }

  /** Of a file, what is durable and any part of what was written since. */
  #partly({ durable, writes }: File): Buffer {
    let bytes = durable;
    for (const { at, bytes: part } of writes) {
      const luck = this.#random();
      if (luck < 0.4) bytes = written(bytes, at, part);
      else if (luck < 0.7)
        bytes = written(bytes, at, part.subarray(0, Math.floor(part.length * this.#random())));
    }
    return bytes;
  }

  #loseOf(directory: Directory): void {
    for (const name of new Set([...directory.seen.keys(), ...directory.durable.keys()])) {
      const [seen, durable] = [directory.seen.get(name), directory.durable.get(name)];
      const kept = seen === durable || this.#random() < 0.5 ? durable : seen;
      if (kept) directory.seen.set(name, kept);
      else directory.seen.delete(name);
    }
    directory.durable = new Map(directory.seen);
    for (const entry of directory.seen.values()) {
      if (isDirectory(entry)) this.#loseOf(entry);
      else {
        entry.seen = this.#partly(entry);
        Object.assign(entry, { durable: entry.seen, writes: [] });
      }
    }
  }

  /** Who held a lock has gone. */
  #makeLocksStale(directory: Directory): void {
    for (const [name, entry] of directory.seen) {
      if (isDirectory(entry)) this.#makeLocksStale(entry);
      else if (name.startsWith('lock')) {
        const text = entry.seen.toString().replaceAll(/"(startedAt|bootId)":"/g, '"$1":"x');
        entry.seen = Buffer.from(text);
      }
    }
  }
}

function written(file: Buffer, at: number, bytes: Buffer): Buffer {
  const result = Buffer.alloc(Math.max(file.length, at + bytes.length));
  file.copy(result);
  bytes.copy(result, at);
  return result;
}
