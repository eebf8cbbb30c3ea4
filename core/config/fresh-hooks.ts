/** Module hooks that read the user's own modules again once they have changed; they run in Node's loader thread. */
import type { ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { versionSince } from './local-files.ts';

/** What marks a module that is read again, and so those that it imports. */
export const MARK = 'obs-reload';

let sinceMs = 0;

/** @param data when modules were read for the first time. */
export async function initialize(data: { sinceMs: number }): Promise<void> {
  sinceMs = data.sinceMs;
}

/** Only relative imports of a module that is read again: packages and the application's own imports stay as they are. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const resolved = await next(specifier, context);
  const isOurs = context.parentURL?.includes(`${MARK}=`) && /^(\.{0,2}\/|file:)/.test(specifier);
  if (!isOurs || !resolved.url.startsWith('file:')) return resolved;
  const version = versionSince(fileURLToPath(resolved.url), sinceMs);
  return version === undefined ? resolved : { ...resolved, url: marked(resolved.url, version) };
};

/** The URL of a module in one of its versions. */
export function marked(url: string, version: string | number): string {
  return `${url}${url.includes('?') ? '&' : '?'}${MARK}=${version}`;
}
