import { basename, dirname, join } from 'node:path';
import type { Segment } from './segment.ts';
import { call, codeOf, create, makeDirectory, namesIn, type Steps, writeAll } from './steps.ts';

/** Files of one directory. */
const MAX_FILES = 100;
/** Bytes of one file; the beginning shows what it was. */
const MAX_BYTES = 1_000_000;

/**
 * Keeps bytes that are no records, for whoever wants to look, in `quarantine` beside the segments' directory. Gives
 * that directory.
 */
export function* quarantine(segment: Segment, damaged: readonly Buffer[]): Steps<string> {
  const directory = join(dirname(dirname(segment.path)), 'quarantine');
  const name = `${basename(dirname(segment.path))}-${basename(segment.path, '.seg')}`;
  yield* makeDirectory(directory);
  for (const [n, bytes] of damaged.entries()) {
    if ((yield* namesIn(directory)).length >= MAX_FILES) break;
    yield* keep(join(directory, `${name}-${n + 1}.bad`), bytes.subarray(0, MAX_BYTES));
  }
  return directory;
}

/** Nothing for what is there from an earlier start. */
function* keep(path: string, bytes: Buffer): Steps<void> {
  let fd: number;
  try {
    fd = yield* create(path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw error;
  }
  try {
    yield* writeAll(fd, bytes, 0);
  } finally {
    yield* call('close', fd);
  }
}
