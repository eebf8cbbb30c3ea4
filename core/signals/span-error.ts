import { messageOf } from '../errors.ts';
import type { SpanErrorInfo } from './tracing.ts';

/**
 * What a span keeps of anything that was thrown: of an error its whole message, name, code, stack and cause; of
 * anything else its text, and an object itself under `details.thrown`. Never throws.
 */
export function errorInfoOf(thrown: unknown): SpanErrorInfo {
  try {
    if (typeof thrown !== 'object' || thrown === null) return { message: `${String(thrown)}` };
    return isErrorLike(thrown) ? describe(thrown) : { message: String(thrown), details: { thrown } };
  } catch {
    return { message: messageOf(thrown) };
  }
}

/** Errors of another realm, such as a test runner's sandbox, are no instance of this realm's `Error`. */
function isErrorLike(thrown: object): thrown is Error {
  return thrown instanceof Error || typeof (thrown as Partial<Error>).message === 'string';
}

function describe(error: Error): SpanErrorInfo {
  const { name, message, stack, code, cause } = error as Error & { code?: unknown };
  const info: SpanErrorInfo = { message: message || name || messageOf(error) };
  if (name) info.name = name;
  if (stack) info.stack = stack;
  if (typeof code === 'string' || typeof code === 'number') info.code = String(code);
  if (cause !== undefined) info.details = { cause: messageOf(cause) };
  return info;
}
