import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPackage } from '../kit/built-package.ts';

/** What a finished command left behind. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  /** What it finds on stdin. Default: nothing. */
  input?: string;
}

/** A directory with a config, in which commands run. */
export interface Workplace {
  readonly dir: string;
  obs(args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** The lines of JSON that a command wrote. */
  json<T = Record<string, unknown>>(args: readonly string[], options?: RunOptions): Promise<T[]>;
  write(file: string, text: string): string;
  remove(): void;
}

/** Makes a directory with a config of one DuckDB store; the package must have been built. */
export async function createWorkplace(config: unknown = DUCKDB_ONLY): Promise<Workplace> {
  const cli = join(await buildPackage(), 'dist/cli/index.js');
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'obs-cli-')));
  const write = (file: string, text: string) => {
    writeFileSync(join(dir, file), text);
    return join(dir, file);
  };
  if (config !== null) write('obs.config.json', JSON.stringify(config));
  const obs: Workplace['obs'] = (args, options = {}) => run([cli, ...args], dir, options);
  return {
    dir,
    obs,
    json: async (args, options) => {
      const { stdout } = await obs([...args, '--json'], options);
      return stdout.trim() === ''
        ? []
        : stdout
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line));
    },
    write,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

const DUCKDB_ONLY = { plugins: { local: { use: 'duckdb', options: { path: 'obs.duckdb' } } } };

/** Nothing of the machine that runs the tests decides about a config. */
const OWN_VARIABLES = /^(OBS_|OTEL_|NODE_OPTIONS$|NODE_ENV$|NO_COLOR$|FORCE_COLOR$|COLUMNS$)/;

function run(args: readonly string[], cwd: string, { env = {}, input = '' }: RunOptions): Promise<Finished> {
  const inherited = Object.entries(process.env).filter(([name]) => !OWN_VARIABLES.test(name));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env: { ...Object.fromEntries(inherited), ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}
