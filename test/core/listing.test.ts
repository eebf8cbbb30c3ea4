import { expect } from 'chai';
import type { ObsConfig } from '../../core/config/define.ts';
import { resolveConfig } from '../../core/config/resolve.ts';
import { describePlugins, type PluginListing } from '../../core/listing.ts';
import { createRecording } from '../kit/recording.ts';
import { MemoryStore } from './memory-store.ts';
import { pluginOf } from './plugins.ts';

async function listed(config: ObsConfig): Promise<PluginListing[]> {
  const surroundings = { hasTerminal: false, isCi: false, isContainer: false };
  return describePlugins(await resolveConfig({ config, env: {}, surroundings }));
}

describe('the listing of plugins', () => {
  it('says which signals of an entry are active, and why another that it supports is not', async () => {
    const { plugin } = createRecording({ signals: ['logs', 'metrics', 'scores'] });
    const [entry] = await listed({
      signals: { metrics: false },
      plugins: { entry: { use: plugin, signals: ['logs', 'metrics'] } },
    });
    expect(entry).to.deep.equal({
      key: 'entry',
      name: 'recording',
      kind: 'exporter',
      enabled: true,
      signals: {
        tracing: { supported: false, active: false },
        metrics: { supported: true, active: false, why: 'signals.metrics is off' },
        logs: { supported: true, active: true },
        scores: { supported: true, active: false, why: 'not in its signals' },
        feedback: { supported: false, active: false },
      },
    });
  });

  it('says which strategy was chosen for a store, among which, and why', async () => {
    const store = new MemoryStore();
    const plugin = pluginOf((host) => host.registerStore(store), { kind: 'store' });
    const [entry] = await listed({ plugins: { local: { use: plugin, strategy: { logs: 'realtime' } } } });
    expect(entry!.signals.tracing).to.deep.equal({
      supported: true,
      active: true,
      strategy: {
        chosen: 'batch-with-updates',
        preferred: 'batch-with-updates',
        supported: ['realtime', 'batch-with-updates', 'insert-only'],
        why: 'preferred by the store',
      },
    });
    expect(entry!.signals.logs!.strategy).to.deep.include({
      chosen: 'realtime',
      preferred: 'batch',
      why: 'set in the config',
    });
    expect(entry!.signals.metrics).to.deep.equal({ supported: false, active: false });
    expect(store.calls, 'nothing is opened').to.deep.equal([]);
  });

  it('names the layer that switched an entry off, in the order of the config', async () => {
    const off = createRecording().plugin;
    const on = createRecording().plugin;
    const entries = await listed({
      plugins: { off, on },
      environments: { development: { plugins: { off: { enabled: false } } } },
    });
    expect(entries.map(({ key, enabled }) => [key, enabled])).to.deep.equal([
      ['off', false],
      ['on', true],
    ]);
    expect(entries[0]).to.deep.include({
      name: 'recording',
      signals: {},
      offBy: 'environments.development',
    });
  });

  it('throws all mistakes, of the config and of the plugins, at once', async () => {
    const broken = pluginOf(() => {
      throw new Error('no endpoint');
    });
    let thrown: { problems?: { code: string }[] } = {};
    try {
      await listed({ plugins: { broken }, sinals: {} } as never);
    } catch (error) {
      thrown = error as never;
    }
    expect(thrown.problems!.map(({ code }) => code)).to.have.members([
      'OBS_CONFIG_UNKNOWN_KEY',
      'OBS_PLUGIN_APPLY',
    ]);
  });
});
