import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPackage } from './built-package.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a finished child process left behind. */
export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** A project of a user in a temporary directory, with this package installed. */
export interface Project {
  readonly dir: string;
  write(file: string, text: string): void;
  /** Copies a file or folder of this repository into the project. */
  copy(from: string, to?: string): void;
  /** Runs a script of the project, or any by its absolute path. */
  run(script: string, args?: string[], env?: NodeJS.ProcessEnv): Promise<Finished>;
  /** Runs the command line in the project. */
  obs(args: string[], env?: NodeJS.ProcessEnv): Promise<Finished>;
  remove(): void;
}

/** Makes an empty ESM project that has `obs-kit` in its node_modules. */
export async function createProject(): Promise<Project> {
  const built = await buildPackage();
  const dir = mkdtempSync(join(tmpdir(), 'obs-project-'));
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(built, join(dir, 'node_modules', 'obs-kit'), 'junction');
  for (const dependency of ['zod', 'ts-node', 'typescript', '@duckdb']) {
    symlinkSync(join(ROOT, 'node_modules', dependency), join(dir, 'node_modules', dependency), 'junction');
  }
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  };
  const tsconfig = {
    compilerOptions: { target: 'es2022', module: 'nodenext', rootDir: '/' },
    'ts-node': { transpileOnly: true },
  };
  write('tsconfig.json', JSON.stringify(tsconfig));
  write('package.json', '{ "name": "app", "private": true, "type": "module" }\n');
  const run = (script: string, args: string[] = [], env: NodeJS.ProcessEnv = {}) =>
    node(dir, [join(script.startsWith('/') ? '' : dir, script), ...args], env);
  return {
    dir,
    write,
    copy: (from, to = from) => cpSync(join(ROOT, from), join(dir, to), { recursive: true }),
    run,
    obs: (args, env) => run(join(built, 'dist', 'cli', 'index.js'), args, env),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function node(cwd: string, args: string[], env: NodeJS.ProcessEnv): Promise<Finished> {
  const flags = ['--import', join(ROOT, 'test', 'register.mjs')];
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...flags, ...args],
      { cwd, env: { ...inherited, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
      },
    );
  });
}
