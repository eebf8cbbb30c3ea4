import { createRequire, register } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ObsError } from '../errors.ts';

/** What a module exports. Held in an object, since a namespace with `then` would be awaited. */
export interface Imported {
  namespace: Record<string, unknown>;
}

let hasHooks = false;

/**
 * Imports a module by its absolute path. TypeScript is left to Node where it strips types, or to a loader that is
 * registered already; elsewhere hooks of ours translate it with the project's compiler.
 * @throws what the module throws; `OBS_CONFIG_TS` where TypeScript cannot be read.
 */
export async function importModule(file: string): Promise<Imported> {
  const url = pathToFileURL(file).href;
  try {
    return { namespace: await import(url) };
  } catch (error) {
    if (!isUnreadTypeScript(error)) throw error;
    readTypeScript(file);
    // Node remembers the failed load under the plain URL.
    return { namespace: await import(`${url}?ts`) };
  }
}

function isUnreadTypeScript(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === 'ERR_UNKNOWN_FILE_EXTENSION' && /"\.m?ts"/.test(String(message));
}

function readTypeScript(file: string): void {
  if (hasHooks) return;
  try {
    const hooks = new URL(`./typescript-hooks${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
    register(hooks.href, { data: { compiler: compilerFor(file) } });
  } catch (cause) {
    throw new ObsError('OBS_CONFIG_TS', 'this Node does not read TypeScript by itself', { cause });
  }
  hasHooks = true;
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
