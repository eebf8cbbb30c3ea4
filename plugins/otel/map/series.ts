import type { MetricEvent } from '../../../core/index.ts';
import type { OtlpHistogram } from '../encoder.ts';

/** What the observations of one series have come to. */
export interface Series {
  /** Takes one observation in. */
  add(event: MetricEvent): void;
  /** A copy, since a cumulative series goes on. */
  value(): number | OtlpHistogram;
}

/** A counter: the sum. */
export function sum(): Series {
  let total = 0;
  return {
    add: ({ value }) => {
      total += value;
    },
    value: () => total,
  };
}

/** A gauge: the last level, by its own time. */
export function last(): Series {
  let level = 0;
  let at = Number.NEGATIVE_INFINITY;
  return {
    add: ({ value, timeUnixMicro }) => {
      if (timeUnixMicro < at) return;
      level = value;
      at = timeUnixMicro;
    },
    value: () => level,
  };
}

/** A histogram: how many observations are at or below each bound and above the one before it. */
export function distribution(bounds: readonly number[]): Series {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  const all = { count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
  return {
    add: ({ value }) => {
      all.count++;
      all.sum += value;
      all.min = Math.min(all.min, value);
      all.max = Math.max(all.max, value);
      counts[bucketOf(value, bounds)]!++;
    },
    value: () => ({ ...all, bounds, counts: [...counts] }),
  };
}

function bucketOf(value: number, bounds: readonly number[]): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= bounds[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}
