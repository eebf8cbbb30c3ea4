import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const REGISTER = new URL('../../../register.mjs', import.meta.url).href;
const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url));
const ARGUMENTS = ['--conditions=obs-source', '--import', REGISTER, WRITER];

/** What a writer did, seen from outside. */
export interface WriterResult {
  /** What it reported through its channel. */
  report: Record<string, unknown>;
  code: number | null;
  stderr: string;
}

/** Starts the writer; its stdout is a pipe that `read` is given, by default discarded as it comes. */
export function runWriter(
  what: string,
  argument: string,
  read: (child: ChildProcess) => void = (child) => child.stdout?.resume(),
): Promise<WriterResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...ARGUMENTS, what, argument], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const result: WriterResult = { report: {}, code: null, stderr: '' };
    child.on('message', (message) => Object.assign(result.report, message));
    child.stderr?.on('data', (text) => {
      result.stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...result, code }));
    read(child);
  });
}

/** What a writer shows on a terminal; undefined where the machine has no `script` to make one. */
export function runOnTerminal(what: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const command = [process.execPath, ...ARGUMENTS].map((part) => `'${part}'`).join(' ');
  const options = { env: { PATH: process.env['PATH'], ...env } };
  if (process.platform !== 'linux') return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    execFile('script', ['-qec', `${command} ${what}`, '/dev/null'], options, (error, stdout) => {
      if (!error) resolve(stdout);
      else if (error.code === 'ENOENT') resolve(undefined);
      else reject(error);
    });
  });
}
