import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type ResolveOptions, resolveConfig } from '../../../core/config/resolve.ts';
import type { Resolution } from '../../../core/config/resolved.ts';

/** The root of this repository. */
export const REPOSITORY = resolve(import.meta.dirname, '../../..');

/** A process that nobody watches, outside CI and containers. */
export const QUIET = { hasTerminal: false, isCi: false, isContainer: false };

const made: string[] = [];

/** Makes a directory with these files, in which this package and zod are installed. */
export function createProject(files: Record<string, string> = {}): string {
  const directory = createBareProject(files);
  symlinkSync(REPOSITORY, join(directory, 'node_modules/obs-kit'));
  symlinkSync(join(REPOSITORY, 'node_modules/zod'), join(directory, 'node_modules/zod'));
  return directory;
}

/** Makes a directory with these files, in which nothing is installed. */
export function createBareProject(files: Record<string, string>): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'obs-config-')));
  made.push(directory);
  mkdirSync(join(directory, 'node_modules'));
  const all = { 'package.json': '{ "name": "app", "type": "module" }', ...files };
  for (const [name, text] of Object.entries(all)) {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return directory;
}

/** Removes what {@link createProject} made. */
export function removeProjects(): void {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
}

/** Resolves the config of a new project, without any environment variables unless given. */
export function resolveProject(
  files: Record<string, string>,
  options: ResolveOptions = {},
): Promise<Resolution> {
  return resolveConfig({ cwd: createProject(files), env: {}, surroundings: QUIET, ...options });
}

/** Resolves an inline config in the repository's own directory. */
export function resolveInline(config: object, options: ResolveOptions = {}): Promise<Resolution> {
  return resolveConfig({ cwd: REPOSITORY, env: {}, config, surroundings: QUIET, ...options });
}

/** The problems without their hints. */
export function shortly({ problems }: Resolution): string[] {
  return problems.map(({ code, source, path, message }) => `${source} | ${path} | ${code} | ${message}`);
}
