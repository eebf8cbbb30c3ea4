/** Numbers that look random and are the same for the same seed. */
export interface Random {
  readonly seed: number;
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  /** One of several. */
  one<V>(values: readonly V[]): V;
  /** True in about this share of cases. */
  chance(share: number): boolean;
}

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return { seed, below, one: (values) => values[below(values.length)]!, chance: (share) => next() < share };
}
