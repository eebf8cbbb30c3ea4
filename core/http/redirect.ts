import { DestinationError } from '../delivery/outcome.ts';

/** An answer that leads elsewhere. */
interface Redirect {
  status: number;
  headers: Headers;
}

/** Redirects that keep method and body. For others a client would have to guess what the destination wants. */
const KEEPS_REQUEST = new Set([307, 308]);

/** True for an answer that says: ask there. */
export function isRedirect({ status }: Redirect): boolean {
  return status >= 300 && status < 400;
}

/**
 * Where the request is to be repeated: the same host, or the same host by TLS. Credentials are never taken elsewhere.
 * @throws DestinationError for any other host, and for a redirect that would change the request.
 */
export function redirectTarget(
  { status, headers }: Redirect,
  from: URL,
  target: string,
  mask: (text: string) => string,
): URL {
  const location = headers.get('location');
  const to = location === null ? undefined : parsed(location, from);
  const where = to ? mask(`${to.origin}${to.pathname}`) : 'nowhere';
  const isSame = to?.host === from.host && to.protocol === from.protocol;
  const isUpgrade = to?.hostname === from.hostname && to.protocol === 'https:' && from.protocol === 'http:';
  if (to && KEEPS_REQUEST.has(status) && (isSame || isUpgrade)) return to;
  throw new DestinationError(`HTTP ${status} from ${target}: it leads to ${where}, which is not followed`);
}

function parsed(location: string, from: URL): URL | undefined {
  try {
    return Object.assign(new URL(location, from), { username: '', password: '' });
  } catch {
    return undefined;
  }
}
