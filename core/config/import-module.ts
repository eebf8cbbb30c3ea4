import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { ObsError } from '../errors.ts';
import { type Freshness, freshUrl } from './fresh-url.ts';
import { hooksUrl } from './hooks-url.ts';

/** What a module exports. Held in an object, since a namespace with `then` would be awaited. */
export interface Imported {
  namespace: Record<string, unknown>;
}

let hasTypeScript = false;

/**
 * Imports a module by its absolute path. TypeScript is left to Node where it strips types, or to a loader that is
 * registered already; elsewhere hooks of ours translate it with the project's compiler.
 * @throws what the module throws; `OBS_CONFIG_TS` where TypeScript cannot be read.
 */
export async function importModule(file: string, freshness: Freshness = 'kept'): Promise<Imported> {
  const url = freshUrl(file, freshness);
  try {
    return { namespace: await import(url) };
  } catch (error) {
    if (!isUnreadTypeScript(error)) throw error;
    readTypeScript(file);
    // Node remembers the failed load under the plain URL.
    return { namespace: await import(`${url}${url.includes('?') ? '&' : '?'}ts`) };
  }
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
