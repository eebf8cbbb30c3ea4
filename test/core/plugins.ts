import type { ObservabilityExporter } from '../../core/contract/exporter.ts';
import type { PluginHost } from '../../core/contract/host.ts';
import { definePlugin, type Plugin, type PluginDefinition } from '../../core/contract/plugin.ts';
import { SIGNALS } from '../../core/signals/index.ts';
import { createTestHost, type TestHost } from '../kit/host.ts';
import { createRecording } from '../kit/recording.ts';

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

/** A host with one exporter under the key `exporter`, and somebody who listens to spans. */
export function exporterHost(exporter: ObservabilityExporter): TestHost {
  const listener = createRecording({ signals: ['tracing'] }).plugin;
  return createTestHost({
    plugins: { listener, exporter: pluginOf((host) => host.registerExporter(exporter)) },
  });
}

/** One event of each signal. */
export function emitAll({ obs }: TestHost): void {
  obs.trace('work', (span) => {
    obs.logger.info('message');
    obs.metrics.counter('requests').add();
    span.addScore({ scorerId: 'judge', score: 0.5 });
    span.addFeedback({ feedbackType: 'thumbs', value: 1 });
  });
}

/** A plugin whose second start step fails as often as told. */
export function failingToStart(failures: number) {
  const calls: string[] = [];
  const received: string[] = [];
  let attempts = 0;
  const plugin = pluginOf((host) => {
    host.hooks.start.tap(() => void calls.push('first'));
    host.hooks.start.tap(async () => {
      calls.push('second');
      if (++attempts <= failures) throw new Error('the file is busy');
    });
    host.deliver.logs(async (batch) => void received.push(...batch.map(({ record }) => record.message)));
  });
  return { plugin, calls, received };
}
