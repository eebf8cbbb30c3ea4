import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A relative import, re-export, `import()` or `require()` of a literal; in a comment it does no harm. */
const RELATIVE = /\b(?:from|import|require)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g;
const ENDINGS = ['', '.js', '.ts', '.cjs', '.json'];
/** More of the user's own files than any config imports. */
const MAX_FILES = 500;

/**
 * A file and those that it imports by relative paths, directly or through each other: what the user writes, as opposed
 * to packages. Paths that are computed are not found. Never throws.
 */
export function localFiles(file: string): string[] {
  const files = new Set([file]);
  for (const each of files) {
    if (files.size >= MAX_FILES) break;
    for (const [, , specifier] of textOf(each).matchAll(RELATIVE)) {
      const found = existing(resolve(dirname(each), specifier!));
      if (found !== undefined && !found.includes('/node_modules/')) files.add(found);
    }
  }
  return [...files];
}

/** A text that differs for every state of these files. */
export function stateOf(files: readonly string[]): string {
  return files.map((file) => `${changedAt(file)} ${sizeOf(file)}`).join(', ');
}

/** When the newest of a module and all that it imports was written, by the clock of the file system. */
export function newestOf(file: string): number {
  return Math.max(...localFiles(file).map(changedAt));
}

/** What sets a module apart from itself at an earlier time; undefined where it and all that it imports are no newer. */
export function versionSince(file: string, since: number): string | undefined {
  const newest = newestOf(file);
  return newest > since
    ? `${newest}-${localFiles(file).reduce((sum, each) => sum + sizeOf(each), 0)}`
    : undefined;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function existing(path: string): string | undefined {
  const typeScript = path.replace(/\.(m?)js$/, '.$1ts');
  const candidates = [...ENDINGS.map((ending) => path + ending), typeScript];
  return candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
}

/** Unlike the time of its content, that of a file itself also changes when another one is put in its place. */
function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.ctimeMs ?? 0;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
