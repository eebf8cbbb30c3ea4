import { AmbiguousError, DestinationError, RetryableError } from '../delivery/outcome.ts';

/** What a failed connection says of itself; `errors` where several addresses were tried. */
interface ConnectionError {
  code?: unknown;
  syscall?: unknown;
  message?: unknown;
  errors?: readonly ConnectionError[];
}

/** Failures before the first byte was sent. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
const BEFORE_SENDING = new Set(['connect', 'getaddrinfo']);

/** Certificates that do not hold, and ports that speak no TLS. */
const TLS =
  /^(CERT_|CRL_|DEPTH_ZERO_|ERR_OSSL_|ERR_SSL_|ERR_TLS_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|PATH_LENGTH_|SELF_SIGNED_|UNABLE_TO_|EPROTO)/;
/** Whoever answers speaks something else, as a gRPC port does. */
const NOT_HTTP = new Set(['HPE_INVALID_CONSTANT', 'HPE_INVALID_VERSION']);

/**
 * What it means that `fetch` failed. Only codes are repeated, never messages: those may hold what was sent. Where it
 * cannot be known whether the request arrived, the failure is ambiguous.
 */
export function connectionFailure(thrown: unknown, target: string, isAborted: boolean): Error {
  if (isAborted) return new AmbiguousError(`no answer from ${target} within the time limit`);
  const error = ((thrown as { cause?: unknown } | null)?.cause ?? thrown ?? {}) as ConnectionError;
  const code = codeOf(error);
  if (TLS.test(code)) return new DestinationError(`no secure connection to ${target}: ${code}`);
  if (NOT_HTTP.has(code)) return new DestinationError(`${target} does not speak HTTP: ${code}`);
  if (error.message === 'bad port') return new DestinationError(`fetch refuses the port of ${target}`);
  if (wasNeverSent(error))
    return new RetryableError(`no connection to ${target}: ${code}`, { isUnreachable: true });
  return new AmbiguousError(`the connection to ${target} broke: ${code}`);
}

function codeOf({ code, errors }: ConnectionError): string {
  const found = code ?? errors?.[0]?.code;
  return typeof found === 'string' ? found : 'no reason known';
}

function wasNeverSent(error: ConnectionError): boolean {
  const { code, syscall, message, errors } = error;
  if (errors && errors.length > 0) return errors.every(wasNeverSent);
  if (NEVER_SENT.has(String(code)) || BEFORE_SENDING.has(String(syscall))) return true;
  return code === 'ECONNRESET' && /before secure TLS/.test(String(message));
}
