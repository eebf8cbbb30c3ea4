import { promisify } from 'node:util';
import { DestinationError } from '../delivery/outcome.ts';
import { type HttpAnswer, isHtml, readAnswer } from './answer.ts';
import { connectionFailure } from './connection-failure.ts';
import { createMask, percentDecoded } from './mask.ts';
import { isRedirect, redirectTarget } from './redirect.ts';
import { failureOf, RETRY_STATUSES, withStatus } from './status.ts';

/** A request to a destination. */
export interface HttpRequest {
  /** Absolute. Userinfo in it becomes a Basic `Authorization` header, unless there is one. */
  url: string | URL;
  /** Default `POST`. */
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array | string;
  /** Compresses the body and says so. Default false. */
  gzip?: boolean;
  /** The one that `send` was given. */
  abortSignal?: AbortSignal;
  /** Statuses after which the same request may succeed later. Default {@link RETRY_STATUSES}. */
  retryStatuses?: readonly number[];
  /** Texts that no error may repeat, beside the values of headers and the userinfo and query of the URL. */
  secrets?: readonly string[];
}

/** A request made ready, and the words for its errors. */
interface Prepared {
  url: URL;
  init: RequestInit;
  /** Origin and path. */
  target: string;
  mask: (text: string) => string;
}

type Fetch = typeof globalThis.fetch;

const MAX_REDIRECTS = 3;

/**
 * Sends a request and gives the answer where it is a 2xx of a machine. Everything else is thrown as what it means for
 * delivery: `RetryableError` (no connection, or one of `retryStatuses`, with its `Retry-After`), `AmbiguousError` (it
 * may have arrived), `DestinationError` (401, 403, 404, a web page, another host, bad TLS), `PermanentError` (the rest;
 * `isTooLarge` tells a 413). What is thrown repeats no secret and has no cause that could.
 */
export async function sendHttp(fetch: Fetch, request: HttpRequest): Promise<HttpAnswer> {
  const prepared = await prepare(request);
  const answer = await ask(fetch, prepared, request.abortSignal, 0);
  const { target, mask } = prepared;
  if (answer.status < 200 || answer.status > 299)
    throw failureOf(answer, target, mask, request.retryStatuses ?? RETRY_STATUSES);
  if (isHtml(answer)) {
    const what = `${target} answered with a web page: the address is wrong, or something stands before it`;
    throw withStatus(new DestinationError(what), answer.status);
  }
  return answer;
}

async function prepare({ method = 'POST', body, gzip: isZipped, abortSignal, ...rest }: HttpRequest) {
  const url = urlOf(rest.url);
  const headers = headersOf(rest.headers ?? {});
  const mask = createMask({ url, headers, secrets: rest.secrets ?? [] });
  const bare = withoutUserinfo(url, headers);
  const isBodyZipped = isZipped && body !== undefined;
  if (isBodyZipped) headers.set('content-encoding', 'gzip');
  const init: RequestInit = {
    method,
    headers,
    redirect: 'manual',
    ...(body !== undefined && { body: isBodyZipped ? await zipped(body) : body }),
    ...(abortSignal && { signal: abortSignal }),
  };
  return { url: bare, init, target: mask(`${bare.origin}${bare.pathname}`), mask } satisfies Prepared;
}

/** Loads zlib with the first body that is compressed. */
async function zipped(body: Uint8Array | string): Promise<Uint8Array> {
  const { gzip } = await import('node:zlib');
  return promisify(gzip)(body);
}

async function ask(
  fetch: Fetch,
  prepared: Prepared,
  abortSignal: AbortSignal | undefined,
  redirects: number,
): Promise<HttpAnswer> {
  const { url, init, target, mask } = prepared;
  const answer = await fetch(url, init)
    .then(readAnswer)
    .catch((error) => {
      throw connectionFailure(error, target, abortSignal?.aborted ?? false);
    });
  if (!isRedirect(answer)) return answer;
  const next = redirectTarget(answer, url, target, mask);
  if (redirects >= MAX_REDIRECTS) throw new DestinationError(`${target} redirects without end`);
  return ask(fetch, { ...prepared, url: next }, abortSignal, redirects + 1);
}

function urlOf(url: string | URL): URL {
  try {
    return new URL(url);
  } catch {
    throw new DestinationError('the address of the destination is not a URL');
  }
}

/** A header that cannot be sent is named; its value is not. */
function headersOf(record: Readonly<Record<string, string>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(record)) {
    try {
      headers.set(name, value);
    } catch {
      throw new DestinationError(`the header "${name}" or its value has characters that HTTP cannot carry`);
    }
  }
  return headers;
}

/** `fetch` takes no URL with credentials in it. */
function withoutUserinfo(url: URL, headers: Headers): URL {
  const bare = new URL(url);
  Object.assign(bare, { username: '', password: '' });
  const userinfo = [url.username, url.password].map(percentDecoded).join(':');
  if (userinfo !== ':' && !headers.has('authorization'))
    headers.set('authorization', `Basic ${Buffer.from(userinfo).toString('base64')}`);
  return bare;
}
