import { createRequire, register } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ObsError } from '../errors.ts';
import { marked } from './fresh-hooks.ts';
import { localFiles, versionSince } from './local-files.ts';

/** What a module exports. Held in an object, since a namespace with `then` would be awaited. */
export interface Imported {
  namespace: Record<string, unknown>;
}

/**
 * What to do about a module that was imported before: `kept` takes that one, `changed` reads it again where it or
 * something that it imports is newer, `anew` reads it in any case. Packages that it imports are never read again.
 */
export type Freshness = 'kept' | 'changed' | 'anew';

let hasTypeScript = false;
let hasFresh = false;
let reloads = 0;
/** When the first module was read: what has not changed since then need not be read again. */
let sinceMs: number | undefined;

/**
 * Imports a module by its absolute path. TypeScript is left to Node where it strips types, or to a loader that is
 * registered already; elsewhere hooks of ours translate it with the project's compiler.
 * @throws what the module throws; `OBS_CONFIG_TS` where TypeScript cannot be read.
 */
export async function importModule(file: string, freshness: Freshness = 'kept'): Promise<Imported> {
  sinceMs ??= Date.now();
  const url = freshness === 'kept' ? pathToFileURL(file).href : freshUrl(file, freshness, sinceMs);
  try {
    return { namespace: await import(url) };
  } catch (error) {
    if (!isUnreadTypeScript(error)) throw error;
    readTypeScript(file);
    // Node remembers the failed load under the plain URL.
    return { namespace: await import(`${url}${url.includes('?') ? '&' : '?'}ts`) };
  }
}

/** Node keeps every module by its URL for ever; one that is to be read again needs another URL. */
function freshUrl(file: string, freshness: Freshness, since: number): string {
  if (!hasFresh) register(hooksUrl('fresh-hooks'), { data: { sinceMs: since } });
  hasFresh = true;
  // CommonJS modules are kept by their path.
  const { cache } = createRequire(file);
  for (const each of localFiles(file)) if (versionSince(each, since)) delete cache[each];
  if (freshness === 'anew') delete cache[file];
  const url = pathToFileURL(file).href;
  const version = freshness === 'anew' ? ++reloads : versionSince(file, since);
  return version === undefined ? url : marked(url, version);
}

function hooksUrl(name: string): string {
  return new URL(`./${name}${extname(fileURLToPath(import.meta.url))}`, import.meta.url).href;
}

function isUnreadTypeScript(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === 'ERR_UNKNOWN_FILE_EXTENSION' && /"\.m?ts"/.test(String(message));
}

function readTypeScript(file: string): void {
  if (hasTypeScript) return;
  try {
    register(hooksUrl('typescript-hooks'), { data: { compiler: compilerFor(file) } });
  } catch (cause) {
    throw new ObsError('OBS_CONFIG_TS', 'this Node does not read TypeScript by itself', { cause });
  }
  hasTypeScript = true;
  // Errors thrown by the config shall point at its own line.
  process.setSourceMapsEnabled(true);
}

/** The compiler of the project, else the one beside this package. */
function compilerFor(file: string): string {
  let compiler: string;
  try {
    compiler = createRequire(file).resolve('typescript');
  } catch {
    compiler = createRequire(import.meta.url).resolve('typescript');
  }
  return pathToFileURL(compiler).href;
}
