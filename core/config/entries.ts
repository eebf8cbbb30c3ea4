import { disabledEntry, resolveEntry } from './entry.ts';
import type { Layer } from './layer.ts';
import type { Merged } from './merge.ts';
import type { Problems } from './problems.ts';
import type { DisabledEntry, ResolvedEntry } from './resolved.ts';
import type { EntryContext } from './usable-plugin.ts';

/**
 * Resolves all entries in the order in which they were first named; their plugins are loaded side by side. Entries
 * that a layer removed are listed as off; those with mistakes are left out.
 */
export async function resolveEntries(
  merged: Merged,
  layers: readonly Layer[],
  context: EntryContext,
  problems: Problems,
): Promise<ResolvedEntry[]> {
  const entries = new Map(Object.entries(merged.value.plugins));
  const results = await Promise.all(
    merged.origins.keysBelow(['plugins']).map((key) => {
      const entry = entries.get(key);
      return entry
        ? resolveEntry(key, entry, context)
        : { entry: removedEntry(key, layers, context), findings: [] };
    }),
  );
  problems.add(...results.flatMap(({ findings }) => findings));
  return results.flatMap(({ entry }) => entry ?? []);
}

function removedEntry(key: string, layers: readonly Layer[], context: EntryContext): DisabledEntry {
  const last = layers.findLast((layer) => layer.value.plugins?.[key]?.use !== undefined);
  return disabledEntry(key, last?.value.plugins?.[key]?.use, context);
}
