import { createHash } from 'node:crypto';
import { isSpanId, isTraceId } from '../../../core/index.ts';

/**
 * A trace id that OTLP can carry: 16 bytes as hex. One of another form, which an import may have kept, is replaced by a
 * digest of itself, so that the same id always gives the same one.
 */
export function otlpTraceId(id: string): string {
  return isTraceId(id) ? id : digestOf(id, 32);
}

/** A span id that OTLP can carry: 8 bytes as hex; see {@link otlpTraceId}. */
export function otlpSpanId(id: string): string {
  return isSpanId(id) ? id : digestOf(id, 16);
}

function digestOf(id: string, digits: number): string {
  return createHash('sha256').update(String(id)).digest('hex').slice(0, digits);
}
