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
