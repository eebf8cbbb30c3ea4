import { randomFillSync } from 'node:crypto';

/** Makes identities; injectable for tests. */
export interface IdSource {
  /** 32 lower-case hex characters, never all zero (W3C Trace Context). */
  traceId(unixMicro: number): string;
  /** 16 lower-case hex characters, never all zero (W3C Trace Context). */
  spanId(): string;
  /** The identity of a metric, log, score or feedback event: 32 lower-case hex characters. */
  eventId(unixMicro: number): string;
}

const POOL_BYTES = 4096;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Random ids from the system's secure source. Trace and event ids are time-ordered: the first 48 bits are
 * milliseconds since the epoch, the other 80 are random, which leaves the low 56 bits random as W3C level 2 and
 * OpenTelemetry's consistent sampling ask.
 */
export function createIdSource(): IdSource {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;

  function randomHex(bytes: number): string {
    if (used + bytes > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    let hex = '';
    for (const end = used + bytes; used < end; used++) hex += HEX[pool[used]!];
    return hex;
  }

  function timeOrdered(unixMicro: number): string {
    const ms = Math.max(1, Math.floor(unixMicro / 1000)) % 2 ** 48;
    return ms.toString(16).padStart(12, '0') + randomHex(10);
  }

  function spanId(): string {
    const id = randomHex(8);
    return id === '0000000000000000' ? spanId() : id;
  }

  return { traceId: timeOrdered, eventId: timeOrdered, spanId };
}

/** True for 32 lower-case hex characters that are not all zero. */
export function isTraceId(id: unknown): id is string {
  return typeof id === 'string' && /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id);
}

/** True for 16 lower-case hex characters that are not all zero. */
export function isSpanId(id: unknown): id is string {
  return typeof id === 'string' && /^[0-9a-f]{16}$/.test(id) && !/^0+$/.test(id);
}
