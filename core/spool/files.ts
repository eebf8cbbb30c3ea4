import fs from 'node:fs';

/** What the spool asks of a file system: calls of `node:fs`, which exist with and without waiting. */
export interface FileCalls {
  open(path: string, flags: number, mode: number): number;
  close(fd: number): void;
  /** Writes at a place; gives the number of bytes written, which may be fewer. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  read(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  fstat(fd: number): { size: number };
  ftruncate(fd: number, length: number): void;
  fdatasync(fd: number): void;
  fsync(fd: number): void;
  mkdir(path: string, mode: number): void;
  readdir(path: string): string[];
  link(from: string, to: string): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
}

/** One call, as data: a course of calls can then be run either way, and be stopped between any two of them. */
export type FileCall = {
  [K in keyof FileCalls]: { name: K; args: Parameters<FileCalls[K]> };
}[keyof FileCalls];

/** Where calls are carried out. */
export interface SpoolFiles {
  /** Rejects with what the file system says. */
  run(call: FileCall): Promise<unknown>;
  /** Likewise, before it returns. */
  runSync(call: FileCall): unknown;
}

type Callback = (error: Error | null, value: unknown) => void;

/** The file system of this machine. */
export const nodeFiles: SpoolFiles = {
  run: ({ name, args }) =>
    new Promise((resolve, reject) => {
      const done: Callback = (error, value) => (error ? reject(error) : resolve(value));
      (fs[name] as (...args: unknown[]) => void)(...args, done);
    }),
  runSync: ({ name, args }) => (fs[`${name}Sync`] as (...args: unknown[]) => unknown)(...args),
};
