/** Where an event lies that is acknowledged: with nobody but us, in a file, or in a file that outlives a power cut. */
export type Level = 'memory' | 'os' | 'disk';

const BY_STRENGTH: readonly Level[] = ['memory', 'os', 'disk'];

/** The weakest of some levels; of none, `memory`. */
export function weakest(levels: readonly Level[]): Level {
  return BY_STRENGTH.find((level) => levels.includes(level)) ?? 'memory';
}
