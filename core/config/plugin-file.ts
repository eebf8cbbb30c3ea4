import { existsSync, readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/**
 * The file of the plugin that a name stands for, as seen from the directory of the config; undefined when there is
 * none. @throws when a package is installed and cannot be used.
 */
export function findPlugin(name: string, directory: string): string | undefined {
  for (const candidate of candidatesFor(name)) {
    const file = isPath(candidate) ? existing(resolve(directory, candidate)) : locate(candidate, directory);
    if (file !== undefined) return file;
  }
  return undefined;
}

/** A name that is a path: absolute, or starting with `./` or `../`. */
export function isPath(name: string): boolean {
  return name.startsWith('./') || name.startsWith('../') || isAbsolute(name);
}

function existing(file: string): string | undefined {
  return existsSync(file) ? file : undefined;
}

/** What a name may stand for, in the order in which it is looked for. */
export function candidatesFor(name: string): string[] {
  if (isPath(name)) return [name];
  const [, scope, rest] = /^(@[^/]+)(?:\/(.+))?$/.exec(name) ?? [];
  if (scope !== undefined && rest === undefined) return [`${scope}/obs-plugin`];
  if (scope !== undefined)
    return rest!.startsWith('obs-plugin') ? [name] : [`${scope}/obs-plugin-${rest}`, name];
  return name.startsWith('obs-plugin-') || name.includes('/') ? [name] : [`obs-plugin-${name}`, name];
}

/** The file of a package as seen from a directory; undefined when it is not installed. */
function locate(specifier: string, directory: string): string | undefined {
  if (isBuiltin(specifier)) return undefined;
  const require = createRequire(join(directory, 'obs.config.js'));
  try {
    return require.resolve(specifier);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'MODULE_NOT_FOUND') return undefined;
    // A package for `import` alone is invisible to `require`.
    const file = code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ? locateForImport(specifier, require) : undefined;
    if (file === undefined) throw error;
    return file;
  }
}

function locateForImport(specifier: string, require: NodeJS.Require): string | undefined {
  const [, name, subpath] = /^((?:@[^/]+\/)?[^/]+)(\/.+)?$/.exec(specifier) ?? [];
  for (const modules of require.resolve.paths(specifier) ?? []) {
    const manifest = join(modules, name!, 'package.json');
    if (!existsSync(manifest)) continue;
    const target = importTarget(JSON.parse(readFileSync(manifest, 'utf8')).exports, `.${subpath ?? ''}`);
    return target === undefined ? undefined : join(dirname(manifest), target);
  }
  return undefined;
}

const CONDITIONS = new Set(['node', 'import', 'module-sync', 'default']);

function importTarget(exports: unknown, subpath: string): string | undefined {
  if (typeof exports === 'string') return subpath === '.' ? exports : undefined;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const isMap = Object.keys(exports).some((key) => key.startsWith('.'));
  return conditional(isMap ? (exports as Record<string, unknown>)[subpath] : exports);
}

function conditional(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  for (const [condition, inner] of Object.entries(target ?? {})) {
    const found = CONDITIONS.has(condition) ? conditional(inner) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
