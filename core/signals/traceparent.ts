import { isSpanId, isTraceId } from '../ids.ts';

/** The fields of a W3C `traceparent` header. */
export interface Traceparent {
  traceId: string;
  spanId: string;
  isSampled: boolean;
}

/**
 * Reads a W3C `traceparent` header (Trace Context, section 3.2). Undefined when it is malformed, of the forbidden
 * version `ff`, or has all-zero ids; fields that a later version appends are ignored.
 */
export function parseTraceparent(header: string): Traceparent | undefined {
  if (typeof header !== 'string') return undefined;
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(header.trim());
  if (!match) return undefined;
  const [, version, traceId, spanId, flags, rest] = match;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags!, 16) & 1) === 1 };
}
