/** Module hooks that read the user's own modules again once they have changed; they run in Node's loader thread. */
import type { ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { versionSince } from './local-files.ts';

/** Only relative imports of a module that is read again: packages and the application's own imports stay as they are. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const resolved = await next(specifier, context);
  const since = MARKED.exec(context.parentURL ?? '')?.[1];
  if (since === undefined || !/^\.{1,2}\//.test(specifier) || !resolved.url.startsWith('file:'))
    return resolved;
  const version = versionSince(fileURLToPath(resolved.url), Number(since));
  return version === undefined
    ? resolved
    : { ...resolved, url: marked(resolved.url, version, Number(since)) };
};

const MARKED = /[?&]obs-reload=[^&]*&since=([\d.]+)/;

/** The URL of a module in one of its versions; what it imports is read again where it is newer than `since`. */
export function marked(url: string, version: string | number, since: number): string {
  return `${url}${url.includes('?') ? '&' : '?'}obs-reload=${version}&since=${since}`;
}
