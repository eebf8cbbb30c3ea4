import { messageOf } from '../errors.ts';
import type { SpanErrorInfo } from './tracing.ts';

/** What a span keeps of anything that was thrown. Never throws. */
export function errorInfoOf(thrown: unknown): SpanErrorInfo {
  const info: SpanErrorInfo = { message: messageOf(thrown) };
  try {
    if (!(thrown instanceof Error)) return info;
    const { code, cause } = thrown as { code?: unknown; cause?: unknown };
    info.name = thrown.name;
    if (thrown.stack) info.stack = thrown.stack;
    if (typeof code === 'string' || typeof code === 'number') info.code = String(code);
    if (cause !== undefined) info.details = { cause: messageOf(cause) };
  } catch {
    // A hostile error object: the message is all there is.
  }
  return info;
}
