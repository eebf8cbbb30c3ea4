import { definePlugin, type Plugin, type PluginDefinition, type PluginHost } from '../../core/plugin.ts';
import { SIGNALS } from '../../core/signals/index.ts';

type Manifest = Partial<Omit<PluginDefinition<Record<string, never>, unknown>, 'apply'>>;

/** A plugin of a test that does what `apply` says; it may tap all signals unless its manifest says otherwise. */
export function pluginOf(apply: (host: PluginHost) => void, manifest: Manifest = {}): Plugin {
  return definePlugin({
    name: 'example',
    apiVersion: 1,
    kind: 'exporter',
    signals: SIGNALS,
    ...manifest,
    apply,
  }) as unknown as Plugin;
}

/** Lets promises that are settled run their callbacks, and immediates their turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
