import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

// Not through a link, which somebody else may have put there; O_NOFOLLOW does not exist on Windows.
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
const NEWLINE = 0x0a;

/**
 * Appends lines, each with its line end, to a file of 0600 in directories of 0700, as long as the file stays below
 * `maxBytes`. Gives back how many lines were written, from the first one on.
 * @throws what the file system says; some of the lines may have been written then.
 */
export async function appendLines(path: string, lines: readonly string[], maxBytes: number): Promise<number> {
  await makeDirectory(dirname(path));
  // Opened each time: refusals are rare, and a file that was moved away or emptied meanwhile is no special case.
  const handle = await open(path, FLAGS, 0o600);
  try {
    const { size } = await handle.stat();
    const count = fitting(lines, maxBytes - size);
    const isTorn = await endsInsideLine(handle, size);
    if (count > 0) await handle.appendFile((isTorn ? '\n' : '') + lines.slice(0, count).join(''));
    return count;
  } finally {
    await handle.close();
  }
}

/** One that had to be made stays out of version control: prompts go there. */
async function makeDirectory(directory: string): Promise<void> {
  const made = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (made !== undefined) await writeFile(join(made, '.gitignore'), '*\n', { mode: 0o600 });
}

function fitting(lines: readonly string[], maxBytes: number): number {
  let count = 0;
  for (let bytes = 0; count < lines.length; count++) {
    bytes += Buffer.byteLength(lines[count]!);
    if (bytes > maxBytes) break;
  }
  return count;
}

/** A process before this one may have ended in the middle of a line. */
async function endsInsideLine(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last[0] !== NEWLINE;
}
