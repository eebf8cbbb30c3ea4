/** Seconds and nanoseconds since the Unix epoch, as the serializers take a time. */
export type HrTime = [seconds: number, nanos: number];

/** OTLP holds nanoseconds in 64 unsigned bits: until the year 2554. */
const MAX_UNIX_MICRO = 18_446_744_073_000_000;

/**
 * Microseconds since the Unix epoch for the serializers; a time that OTLP cannot hold becomes the nearest one it can.
 * @throws RangeError for what is no time.
 */
export function hrTime(unixMicro: number): HrTime {
  if (typeof unixMicro !== 'number' || Number.isNaN(unixMicro)) throw new RangeError('it has no valid time');
  const micro = Math.min(Math.max(0, Math.round(unixMicro)), MAX_UNIX_MICRO);
  const seconds = Math.floor(micro / 1e6);
  return [seconds, (micro - seconds * 1e6) * 1000];
}
