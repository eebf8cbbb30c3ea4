import { CORRELATION_KEYS, type Correlation } from '../../../core/index.ts';

/** The keys that Mastra keeps in the metadata of a span; the entity has fields of its own there. */
export const METADATA_KEYS = CORRELATION_KEYS.filter((key) => !key.startsWith('entity'));

/** The texts among the given keys of a record; what is absent, empty or no text is left out. */
export function correlationIn(record: object | undefined, keys: readonly (keyof Correlation)[]): Correlation {
  const found: Correlation = {};
  for (const key of keys) {
    const value = (record as Correlation | undefined)?.[key];
    if (typeof value === 'string' && value !== '') found[key] = value;
  }
  return found;
}

/** The metadata without what {@link METADATA_KEYS} finds in it, which has become a field of its own. */
export function withoutCorrelation(metadata: object | undefined): Record<string, unknown> {
  const moved = correlationIn(metadata, METADATA_KEYS);
  return Object.fromEntries(Object.entries(metadata ?? {}).filter(([key]) => !Object.hasOwn(moved, key)));
}
