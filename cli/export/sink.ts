import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, ObsError } from '../../core/index.ts';

/** Where text goes, piece by piece. */
export interface Sink {
  /** Resolves when there is room for more. False: nobody reads any longer. */
  write(text: string): Promise<boolean>;
  /** Makes what was written the file that was asked for. */
  finish(): Promise<void>;
  /** Leaves no half of a file behind. */
  discard(): Promise<void>;
}

/** The sink of an export: a file, or stdout. @throws ObsError `OBS_FILE_PATH` for a file that cannot be made. */
export function openSink(path: string | undefined): Promise<Sink> {
  return path === undefined ? Promise.resolve(stdoutSink()) : openFileSink(path);
}

function stdoutSink(): Sink {
  let isOpen = true;
  process.stdout.on('error', () => {
    isOpen = false;
  });
  return {
    write: (text) =>
      new Promise((resolve) => process.stdout.write(text, (error) => resolve(isOpen && !error))),
    finish: async () => {},
    discard: async () => {},
  };
}

/** Written beside its place and moved there at the end: half an export never looks like a whole one. */
async function openFileSink(path: string): Promise<Sink> {
  const partPath = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  let handle: FileHandle;
  try {
    handle = await open(partPath, 'wx', 0o600);
  } catch (error) {
    throw new ObsError('OBS_FILE_PATH', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
  return {
    write: async (text) => {
      await handle.writeFile(text);
      return true;
    },
    finish: async () => {
      await handle.close();
      await rename(partPath, path);
    },
    discard: async () => {
      await handle.close();
      await rm(partPath, { force: true });
    },
  };
}
