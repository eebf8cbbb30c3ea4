/** Makes identities; injectable for tests. */
export interface IdSource {
  /** 32 lower-case hex characters, never all zero (W3C Trace Context). */
  traceId(unixMicro: number): string;
  /** 16 lower-case hex characters, never all zero (W3C Trace Context). */
  spanId(): string;
  /** The identity of a metric, log, score or feedback event: 32 lower-case hex characters. */
  eventId(unixMicro: number): string;
}

/** Asking the system for random bytes costs more than an id, so it gives many at once. */
const RANDOM_BYTES = 8192;
/** Ids are cut out of a text of this many bytes; an id that is kept keeps that text. */
const TEXT_BYTES = 512;

/**
 * Random ids from the system's secure source. Trace and event ids are time-ordered: the first 48 bits are
 * milliseconds since the epoch, the other 80 are random, which leaves the low 56 bits random as W3C level 2 and
 * OpenTelemetry's consistent sampling ask.
 */
export function createIdSource(): IdSource {
  // Slow to load, and not needed by a process that only imports obs-kit.
  const { randomFillSync } = process.getBuiltinModule('node:crypto');
  const random = Buffer.alloc(RANDOM_BYTES);
  let randomUsed = RANDOM_BYTES;
  let text = '';
  let textUsed = 0;
  let lastMs = -1;
  let lastMsHex = '';

  function randomHex(digits: number): string {
    if (textUsed + digits > text.length) {
      text = nextText();
      textUsed = 0;
    }
    textUsed += digits;
    return text.slice(textUsed - digits, textUsed);
  }

  function nextText(): string {
    if (randomUsed === RANDOM_BYTES) {
      randomFillSync(random);
      randomUsed = 0;
    }
    randomUsed += TEXT_BYTES;
    return random.toString('hex', randomUsed - TEXT_BYTES, randomUsed);
  }

  function timeOrdered(unixMicro: number): string {
    const ms = Math.max(1, Math.floor(unixMicro / 1000)) % 2 ** 48;
    if (ms !== lastMs) {
      lastMs = ms;
      lastMsHex = ms.toString(16).padStart(12, '0');
    }
    return lastMsHex + randomHex(20);
  }

  function spanId(): string {
    const id = randomHex(16);
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
