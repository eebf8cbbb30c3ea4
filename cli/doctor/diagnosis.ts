/** What kept a probe from arriving. */
export type Cause =
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'tls'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'web_page'
  | 'busy'
  | 'no_answer'
  | 'broken'
  | 'redirect'
  | 'rejected'
  | 'not_started'
  | 'unknown';

/** A cause, and what to do about it. */
export interface Diagnosis {
  cause: Cause;
  hint: string;
}

/** What errors say, in the order in which they are asked; the first that fits decides. */
const KNOWN: readonly [pattern: RegExp, cause: Cause, hint: string][] = [
  [
    /\b(ENOTFOUND|EAI_AGAIN)\b/,
    'dns',
    'The name of the host is not known: correct the address, or look at DNS.',
  ],
  [/\bECONNREFUSED\b/, 'refused', 'Nobody listens there: start the destination, or correct host and port.'],
  [
    /\b(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)\b/,
    'unreachable',
    'The host does not answer: look at the network, a firewall or a proxy.',
  ],
  [
    /no secure connection/,
    'tls',
    'The certificate does not hold, or the port has no TLS: trust the authority that signed it, or correct the address.',
  ],
  [/HTTP 401\b/, 'unauthorized', 'The credentials are not accepted: correct the key or the header.'],
  [/HTTP (402|403)\b/, 'forbidden', 'The credentials may not do this: look at the rights of the key.'],
  [
    /HTTP (404|405)\b/,
    'not_found',
    'The path is wrong: compare the endpoint with what the destination says.',
  ],
  [
    /web page|does not speak HTTP/,
    'web_page',
    'Something else answers there, such as a site or a login: correct the address.',
  ],
  [/leads to .* not followed|redirects without end/, 'redirect', 'Give the address to which it leads.'],
  [/HTTP (429|502|503|504)\b/, 'busy', 'The destination is overloaded or down: try again later.'],
  [
    /OBS_SEND_TIMEOUT|no answer (from|within)/,
    'no_answer',
    'The destination accepts connections and does not answer: look at it, or at what stands before it.',
  ],
  [
    /the connection to .* broke/,
    'broken',
    'The connection broke: look at the destination, or at a proxy before it.',
  ],
  [/HTTP (4\d\d|5\d\d)\b/, 'rejected', 'The destination refused the event; it says why.'],
];

/** What an error message of a send or a start means. */
export function diagnose(message: string): Diagnosis {
  for (const [pattern, cause, hint] of KNOWN) if (pattern.test(message)) return { cause, hint };
  return { cause: 'unknown', hint: 'The message is all that is known; look at the plugin that said it.' };
}
