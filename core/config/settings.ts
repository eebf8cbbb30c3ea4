import type { Resource } from '../contract/resource.ts';
import { type CheckContext, check } from './check.ts';
import type { Layer } from './layer.ts';
import { type Merged, restoreDefaults } from './merge.ts';
import { removeAt, type Tree } from './plain.ts';
import type { Problems } from './problems.ts';
import type { ResolvedConfig } from './resolved.ts';
import { layerSchema } from './schema.ts';

/** Everything of a config but its plugins, complete. */
export type Settings = Omit<ResolvedConfig, 'file' | 'environment' | 'disabled' | 'resource' | 'plugins'> & {
  service: { name: string; version?: string; attributes: Resource['attributes'] };
};

/** Reads the references among the merged settings and fills in what was taken away or turned out to be wrong. */
export async function settleSettings(
  { value, origins }: Merged,
  defaults: readonly Layer[],
  context: CheckContext,
  problems: Problems,
): Promise<Settings> {
  const { plugins: _, ...written } = value;
  const checked = await check(layerSchema(), written, [], context);
  problems.add(...checked.findings);
  const settings = checked.value as Tree;
  for (const { path } of checked.findings) removeAt(settings, path);
  for (const layer of defaults.toReversed()) {
    const { plugins: _, ...rest } = layer.value;
    restoreDefaults(settings, rest, layer.place, origins);
  }
  return settings as unknown as Settings;
}
