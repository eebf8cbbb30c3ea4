const LEVELS = '▁▂▃▄▅▆▇█';

/**
 * Values over time in one character each, from the lowest to the highest of them; a space where there is none. Values
 * that are all equal stand at mid height.
 */
export function sparkline(values: readonly (number | null | undefined)[]): string {
  const known = values.filter((value) => value !== null && value !== undefined);
  const low = known.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = known.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const levelOf = (value: number) =>
    high > low ? Math.round(((value - low) / (high - low)) * (LEVELS.length - 1)) : 3;
  return values
    .map((value) => (value === null || value === undefined ? ' ' : LEVELS[levelOf(value)]!))
    .join('');
}
