import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { marked } from './fresh-hooks.ts';
import { hooksUrl } from './hooks-url.ts';
import { localFiles, newestOf, versionSince } from './local-files.ts';

/**
 * What to do about a module that was imported before: `kept` takes that one, `changed` reads it again where it, or
 * something that it imports by a relative path, is newer, `anew` reads it in any case, and what it imports where that
 * is newer. Packages are never read again.
 */
export type Freshness = 'kept' | 'changed' | 'anew';

/** How new each module was, with all that it imports, when it was read first. */
const firstRead = new Map<string, number>();
let hasHooks = false;
let count = 0;

/** The URL to import a module by. Node keeps every module by its URL for ever, so one that is read again needs another. */
export function freshUrl(file: string, freshness: Freshness): string {
  const url = pathToFileURL(file).href;
  const since = firstRead.get(file);
  if (since === undefined) firstRead.set(file, newestOf(file));
  if (since === undefined || freshness === 'kept') return url;
  if (!hasHooks) register(hooksUrl('fresh-hooks'));
  hasHooks = true;
  forgetCommonJs(file, freshness, since);
  const version = freshness === 'anew' ? ++count : versionSince(file, since);
  return version === undefined ? url : marked(url, version, since);
}

/** CommonJS modules are kept by their path. */
function forgetCommonJs(file: string, freshness: Freshness, since: number): void {
  const { cache } = createRequire(file);
  for (const each of localFiles(file)) {
    const isStale = (each === file && freshness === 'anew') || versionSince(each, since) !== undefined;
    if (isStale) delete cache[each];
  }
}
