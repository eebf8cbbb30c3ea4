import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Tls } from './settings/environment.ts';

type Fetch = typeof globalThis.fetch;

/**
 * A `fetch` that trusts or presents the given certificates, which the platform's own cannot without a package. It knows
 * what `sendHttp` uses of it: method, headers, body, signal; redirects are given back and not followed. Fails like
 * `fetch` does, with the reason as the cause.
 */
export function tlsFetch(tls: Tls): Fetch & { close(): void } {
  // Loaded here, since few have certificates of their own.
  const { Agent, request } = process.getBuiltinModule('node:https');
  const agent = new Agent({ ...tls, keepAlive: true });
  const fetch = (url: URL | string, init: RequestInit = {}) =>
    new Promise<Response>((resolve, reject) => {
      const fail = (cause: unknown) => reject(new TypeError('fetch failed', { cause }));
      const { method = 'GET', signal } = init;
      const headers = Object.fromEntries(new Headers(init.headers));
      const sent = request(url, { agent, method, headers, ...(signal && { signal }) }, (answer) =>
        resolve(responseOf(answer)),
      );
      sent.once('error', fail);
      sent.end(init.body);
    });
  return Object.assign(fetch as Fetch, { close: () => agent.destroy() });
}

function responseOf(answer: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, values] of Object.entries(answer.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  const status = answer.statusCode ?? 0;
  const hasBody = status !== 204 && status !== 304;
  const body = hasBody ? (Readable.toWeb(answer) as ReadableStream<Uint8Array>) : null;
  if (!hasBody) answer.resume();
  return new Response(body, { status, headers });
}
