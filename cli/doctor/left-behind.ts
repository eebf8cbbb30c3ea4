import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type DeadLetter, fileNameOf, type Signal } from '../../core/index.ts';

/** What an entry left on the disk. */
export interface LeftBehind {
  /** Events that the destination refused for good; absent where there are none. */
  deadLetters?: {
    path: string;
    count: number;
    newest: { at: string; signal: Signal; reason: string } | undefined;
  };
  /** Events that wait for the destination, or for the next start; absent where there are none. */
  spool?: { path: string; files: number; bytes: number };
}

/** Looks for it; what cannot be read is taken as not there. */
export async function leftBehind(dataDir: string, key: string): Promise<LeftBehind> {
  const name = fileNameOf(key);
  const deadLetters = await readDeadLetters(join(dataDir, 'dead-letters', `${name}.jsonl`));
  const spool = await measure(join(dataDir, 'spool', name));
  return { ...(deadLetters && { deadLetters }), ...(spool && { spool }) };
}

async function readDeadLetters(path: string): Promise<LeftBehind['deadLetters']> {
  let count = 0;
  let last = '';
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      if (line.trim() === '') continue;
      count++;
      last = line;
    }
  } catch {
    return undefined;
  }
  return count > 0 ? { path, count, newest: newestOf(last) } : undefined;
}

/** The event itself may hold prompts: it is not repeated. */
function newestOf(line: string) {
  try {
    const { at, signal, reason } = JSON.parse(line) as DeadLetter;
    return { at, signal, reason };
  } catch {
    return undefined;
  }
}

async function measure(path: string): Promise<LeftBehind['spool']> {
  const files = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = files
    .filter((file) => file.isFile())
    .map((file) => stat(join(file.parentPath, file.name)).then(({ size }) => size));
  const known = (await Promise.allSettled(sizes)).flatMap((one) =>
    one.status === 'fulfilled' ? [one.value] : [],
  );
  const bytes = known.reduce((sum, size) => sum + size, 0);
  return bytes > 0 ? { path, files: known.filter((size) => size > 0).length, bytes } : undefined;
}
