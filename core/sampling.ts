/** The low 56 bits of a trace id are random (W3C Trace Context level 2). */
const RANDOM_HEX_DIGITS = 14;
const TWO_TO_56 = 2 ** 56;

/**
 * OpenTelemetry's consistent probability sampling: a trace is kept when the low 56 bits of its id reach the rejection
 * threshold, so every process with the same or a higher probability keeps the same traces.
 */
export function isSampled(traceId: string, probability: number): boolean {
  if (probability >= 1) return true;
  if (probability <= 0) return false;
  const randomness = Number.parseInt(traceId.slice(-RANDOM_HEX_DIGITS), 16);
  return randomness >= (1 - probability) * TWO_TO_56;
}
