import type { Clock } from '../../core/index.ts';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Wall and monotonic time pass together. */
  advanceMs(ms: number): void;
  advanceMicro(micro: number): void;
  /** Somebody sets the machine's clock: the wall time jumps, the monotonic time does not. */
  setWallMs(unixMs: number): void;
  /** How often the clock was read. */
  readonly reads: number;
}

/** 2025-01-01T00:00:00.000Z, in milliseconds. */
export const FAKE_START_MS = 1_735_689_600_000;

/** A clock under the control of a test; it starts at `unixMs`, default {@link FAKE_START_MS}. */
export function createFakeClock(unixMs = FAKE_START_MS): FakeClock {
  let wallMicro = unixMs * 1000;
  let monotonicMicro = 5_000_000;
  let reads = 0;
  const advanceMicro = (micro: number) => {
    wallMicro += micro;
    monotonicMicro += micro;
  };
  const read = (value: number) => {
    reads++;
    return value;
  };
  return {
    unixMicro: () => read(wallMicro),
    monotonicMicro: () => read(monotonicMicro),
    advanceMicro,
    advanceMs: (ms) => advanceMicro(ms * 1000),
    setWallMs: (ms) => {
      wallMicro = ms * 1000;
    },
    get reads() {
      return reads;
    },
  };
}
