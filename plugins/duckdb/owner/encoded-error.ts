import {
  AmbiguousError,
  type ErrorCode,
  isObsError,
  messageOf,
  ObsError,
  PermanentError,
  RetryableError,
} from '../../../core/index.ts';

/** How many causes deep an error is sent. */
const MAX_CAUSES = 4;

/** An error as plain data, so that it can cross threads and processes. */
export interface EncodedError {
  name: string;
  message: string;
  stack?: string | undefined;
  code?: string | undefined;
  hint?: string | undefined;
  retryAfterMs?: number | undefined;
  cause?: EncodedError | undefined;
}

/** Anything that was thrown as plain data, with what makes it what it is: class, code, hint, cause. Never throws. */
export function encodeError(thrown: unknown, depth = 0): EncodedError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: messageOf(thrown) };
  const { code, hint, retryAfterMs } = thrown as Partial<Record<keyof EncodedError, unknown>>;
  return {
    name: isObsError(thrown) ? 'ObsError' : thrown.name,
    message: thrown.message,
    stack: thrown.stack,
    ...(typeof code === 'string' && { code }),
    ...(typeof hint === 'string' && { hint }),
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
    ...(thrown.cause !== undefined && depth < MAX_CAUSES && { cause: encodeError(thrown.cause, depth + 1) }),
  };
}

/** The error that was encoded, of our own class again. */
export function decodeError(encoded: EncodedError): Error {
  const options = encoded.cause ? { cause: decodeError(encoded.cause) } : {};
  const error = (MAKE[encoded.name] ?? makeOther)(encoded, options);
  if (encoded.stack !== undefined) error.stack = encoded.stack;
  return error;
}

type Make = (encoded: EncodedError, options: { cause?: Error }) => Error;

const MAKE: Record<string, Make> = {
  ObsError: ({ code, hint, message }, options) => {
    const bare = message.startsWith(`${code}: `) ? message.slice(`${code}: `.length) : message;
    return new ObsError(code as ErrorCode, bare, { ...options, ...(hint !== undefined && { hint }) });
  },
  PermanentError: ({ message }, options) => new PermanentError(message, options),
  AmbiguousError: ({ message }, options) => new AmbiguousError(message, options),
  RetryableError: ({ message, retryAfterMs }, options) =>
    new RetryableError(message, { ...options, ...(retryAfterMs !== undefined && { retryAfterMs }) }),
};

function makeOther({ name, message, code }: EncodedError, options: { cause?: Error }): Error {
  return Object.assign(new Error(message, options), { name, ...(code !== undefined && { code }) });
}
