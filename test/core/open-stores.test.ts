import { expect } from 'chai';
import type { ObsConfig } from '../../core/config/define.ts';
import type { CreateObsContext } from '../../core/obs.ts';
import { openStores } from '../../core/open-stores.ts';
import { MemoryStore } from './memory-store.ts';
import { pluginOf } from './plugins.ts';

describe('openStores', () => {
  const storePlugin = (store: MemoryStore) =>
    pluginOf((host) => host.registerStore(store), { kind: 'store' });
  const surroundings = { hasTerminal: false, isCi: false, isContainer: false };
  const context = (config: ObsConfig): CreateObsContext => ({ env: {}, surroundings, config });

  it('opens the stores and applies nothing else', async () => {
    const store = new MemoryStore();
    let applied = 0;
    const exporter = pluginOf(() => void applied++);
    const { stores, close } = await openStores(
      {},
      context({ plugins: { exporter, local: storePlugin(store) } }),
    );
    expect([...stores]).to.deep.equal([['local', store]]);
    expect(applied).to.equal(0);
    await close();
    expect(store.calls).to.deep.equal([['init'], ['close']]);
  });

  it('hands them over unopened when asked to', async () => {
    const store = new MemoryStore();
    const config = context({ plugins: { local: storePlugin(store) } });
    const { stores, close } = await openStores({}, config, { init: false });
    expect([...stores.values()]).to.deep.equal([store]);
    await close();
    expect(store.calls).to.deep.equal([['close']]);
  });

  it('closes what it opened, and says why, when a store does not open', async () => {
    const [good, bad] = [new MemoryStore(), new MemoryStore()];
    bad.init = () => Promise.reject(new Error('owned by another process'));
    bad.close = () => Promise.reject(new Error('was never open'));
    let thrown: unknown;
    try {
      await openStores({}, context({ plugins: { bad: storePlugin(bad), good: storePlugin(good) } }));
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).to.equal('Error: owned by another process');
    expect(good.calls).to.deep.equal([['close']]);
  });

  it('lists all mistakes of the config', async () => {
    let thrown: unknown;
    try {
      await openStores({}, context({ sinals: {} } as never));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).to.have.property('code', 'OBS_CONFIG_INVALID');
  });
});
