/** Time as the host sees it; injectable for tests. All values are integers in microseconds. */
export interface Clock {
  /** Wall time: microseconds since the Unix epoch. */
  unixMicro(): number;
  /** Monotonic time from an arbitrary origin: only differences mean something. */
  monotonicMicro(): number;
}

const REANCHOR_AFTER_MICRO = 1_000_000;

/**
 * The machine's clocks. Wall time has microsecond precision: `Date.now()` gives milliseconds only, so it is read
 * once a second as an anchor and the monotonic clock fills in between. One clock read per call on the hot path.
 */
export function createSystemClock(): Clock {
  let anchorMono = Number.NEGATIVE_INFINITY;
  let anchorUnix = 0;
  const monotonicMicro = () => Math.round(performance.now() * 1000);
  return {
    monotonicMicro,
    unixMicro() {
      const mono = monotonicMicro();
      if (mono - anchorMono > REANCHOR_AFTER_MICRO) {
        const wall = Date.now() * 1000;
        const expected = anchorUnix + (mono - anchorMono);
        // Within a millisecond the anchored value is the more precise one; beyond, the wall clock has moved.
        if (!(Math.abs(wall - expected) < 2000)) anchorUnix = wall;
        else anchorUnix = expected;
        anchorMono = mono;
      }
      return anchorUnix + (mono - anchorMono);
    },
  };
}

/** A point in time that a caller gave, in microseconds since the Unix epoch; undefined when it is none. Never throws. */
export function microOf(time: Date | undefined): number | undefined {
  if (time === undefined || time === null) return undefined;
  try {
    const ms = new Date(time).getTime();
    return Number.isFinite(ms) ? ms * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** The longest wait that a timer of the platform can hold; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A wait as `setTimeout` takes it, so that `Infinity` or a year mean long and not now. */
export function timerMs(ms: number): number {
  return Math.min(ms, MAX_TIMER_MS);
}
