import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, isObsError, messageOf } from '../errors.ts';

/** Why a file could not be loaded. */
export interface LoadFailure {
  code: ErrorCode;
  message: string;
  cause?: unknown;
}

/** A place in a file. */
interface Location {
  file: string;
  line: number | string;
  column?: number | string | undefined;
}

/** What a module's failed import means, with the line of the user's file to look at. */
export async function importFailure(error: unknown, file: string, cwd: string): Promise<LoadFailure> {
  if (isObsError(error) && error.code === 'OBS_CONFIG_TS') {
    const message = `${error.message.slice(error.code.length + 2)}: ${messageOf(error.cause)}`;
    return { code: error.code, message: firstLine(message), cause: error };
  }
  const frame = userFrame(error);
  // A SyntaxError with a frame of the user's and no line in front was thrown by a call, such as JSON.parse().
  if (isSyntaxError(error) && (!frame || headOf(error.stack ?? ''))) return syntaxFailure(error, file, cwd);
  const { name } = error as Error;
  const what = error instanceof Error ? `${name}: ${messageOf(error)}` : `${messageOf(error)} was thrown`;
  return { code: 'OBS_CONFIG_LOAD', message: `${firstLine(what)}${at(frame, cwd)}`, cause: error };
}

/** A module that lacks an export of another one is linked wrongly, not written wrongly. */
function isSyntaxError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    error.name === 'SyntaxError' &&
    !error.message.includes('does not provide an export')
  );
}

async function syntaxFailure(error: Error, file: string, cwd: string): Promise<LoadFailure> {
  const [, inFile, line, column, text] = /^(.+?):(\d+):(\d+): (.*)/.exec(error.message) ?? [];
  const location =
    inFile && line
      ? { file: inFile, line, column }
      : (headOf(error.stack ?? '') ?? headOf(await checkedByNode(file, error.message)));
  const message = `${firstLine(text ?? error.message)}${at(location, cwd)}`;
  return { code: 'OBS_CONFIG_SYNTAX', message, cause: error };
}

/** Node puts `file:line`, the code and a mark under the column in front of a stack. */
function headOf(text: string): Location | undefined {
  const [, file, line, mark] = /^(\S.*?):(\d+)\r?\n(?:.*\r?\n){1,5}?( *)\^/.exec(text) ?? [];
  return file && line ? { file: plainPath(file), line, column: `${(mark ?? '').length + 1}` } : undefined;
}

/** The import of a module does not say where its syntax is wrong; `node --check` does. */
async function checkedByNode(file: string, expected: string): Promise<string> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    execFile(process.execPath, ['--check', file], { timeout: 5_000 }, (_error, _stdout, stderr) =>
      resolve(stderr.includes(`SyntaxError: ${expected}`) ? stderr : ''),
    );
  });
}

const FRAME = /^\s+at (?:.*\()?((?:file:\/\/|\/|[A-Za-z]:\\).+?):(\d+):(\d+)\)?$/;
const CORE = fileURLToPath(new URL('../', import.meta.url));
/** Below these are the callers of the import, who have nothing to do with what it threw. */
const IMPORT = /node:internal\/modules\/esm\/|import-module\.[jt]s/;

/** The first frame of a stack that is neither Node's, nor ours, nor a package's. */
function userFrame(error: unknown): Location | undefined {
  for (const text of String((error as { stack?: unknown } | null)?.stack).split('\n')) {
    if (IMPORT.test(text)) break;
    const [, url, line, column] = FRAME.exec(text) ?? [];
    const file = url && plainPath(url);
    if (file && line && !file.startsWith(CORE) && !/[\\/]node_modules[\\/]/.test(file))
      return { file, line, column };
  }
  return undefined;
}

function plainPath(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(new URL(url)) : url.replace(/\?.*$/, '');
}

/** ` at file:line:column`, the file relative to the working directory; empty without a location. */
export function at(location: Location | undefined, cwd: string): string {
  if (!location) return '';
  const { file, line, column } = location;
  return ` at ${relative(cwd, file)}:${line}${column === undefined ? '' : `:${column}`}`;
}

/** A message without the lines of code or of stacks that some put behind it. */
export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]!;
}
