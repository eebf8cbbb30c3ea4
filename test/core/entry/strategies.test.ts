import { expect } from 'chai';
import { ObservabilityStorage } from '../../../core/contract/store.ts';
import type { ObsError } from '../../../core/errors.ts';
import { wire } from '../../../core/wire.ts';
import { createTestHost, type EntryPatch, resolvedConfig } from '../../kit/host.ts';
import { MemoryStore } from '../memory-store.ts';
import { pluginOf } from '../plugins.ts';

const storePlugin = (store: ObservabilityStorage, signals?: EntryPatch['signals']) =>
  pluginOf((host) => host.registerStore(store), { kind: 'store', ...(signals && { signals }) });

function hostOf(store: MemoryStore, patch: Partial<EntryPatch> = {}) {
  return createTestHost({ plugins: { store: { plugin: storePlugin(store), ...patch } } });
}

/** The mistakes that applying a store finds. */
function problemsOf(store: ObservabilityStorage, patch: Partial<EntryPatch> = {}): ObsError[] {
  const plugin = storePlugin(store);
  const { registry } = wire(resolvedConfig(), { warn: () => {} });
  return registry.apply({
    key: 'store',
    enabled: true,
    plugin,
    options: {},
    signals: plugin.signals,
    delivery: {},
    strategy: {},
    captureContent: undefined,
    ...patch,
  });
}

const messages = (problems: ObsError[]) => problems.map(({ message }) => message);

describe('strategies of a store', () => {
  it('are those that the store prefers, and say so', () => {
    const { wired, obs } = hostOf(new MemoryStore());
    expect(
      wired.registry.hosts
        .get('store')!
        .strategies.map(({ signal, strategy, why }) => [signal, strategy, why]),
    ).to.deep.equal([
      ['tracing', 'batch-with-updates', 'preferred by the store'],
      ['logs', 'batch', 'preferred by the store'],
    ]);
    expect(obs.diagnostics().plugins['store']!.signals.tracing!.strategy).to.equal('batch-with-updates');
  });

  it('are those that the config asks for, where the store supports them', () => {
    const { wired } = hostOf(new MemoryStore(), { strategy: { tracing: 'insert-only' } });
    expect(wired.registry.hosts.get('store')!.strategies[0]).to.deep.include({
      signal: 'tracing',
      strategy: 'insert-only',
      why: 'set in the config',
    });
  });

  it('are refused by name of the supported ones where the store does not support what the config asks for', () => {
    const store = new MemoryStore();
    store.tracing = { preferred: 'insert-only', supported: ['insert-only', 'realtime'] };
    const problems = problemsOf(store, { strategy: { tracing: 'batch-with-updates', logs: 'insert-only' } });
    expect(messages(problems)).to.deep.equal([
      'OBS_STORE_STRATEGY: MemoryStore does not support "batch-with-updates" for tracing, only: insert-only, realtime',
      'OBS_STORE_STRATEGY: MemoryStore does not support "insert-only" for logs, only: batch, realtime',
    ]);
  });

  it('cannot be set for a signal that is not stored', () => {
    expect(messages(problemsOf(new MemoryStore(), { strategy: { metrics: 'batch' } }))).to.deep.equal([
      'OBS_STORE_STRATEGY: MemoryStore does not store metrics, so "batch" cannot be set',
    ]);
  });

  it('place no tap for a signal whose hint is null', () => {
    const { obs } = hostOf(new MemoryStore());
    expect(obs.bus.isHeard('logs')).to.equal(true);
    expect(obs.bus.isHeard('metrics')).to.equal(false);
  });

  it('are mistakes at the start where their methods are missing, and each is named', () => {
    class Bare extends ObservabilityStorage {
      override get scoresStrategy() {
        return { preferred: 'batch', supported: ['batch'] } as const;
      }
    }
    expect(messages(problemsOf(new Bare()))).to.deep.equal([
      'OBS_STORE_METHOD_MISSING: Bare hints "batch-with-updates" for tracing but does not implement batchCreateSpans(), batchUpdateSpans()',
      'OBS_STORE_METHOD_MISSING: Bare hints "batch" for scores but does not implement batchCreateScores()',
    ]);
    expect(problemsOf(new Bare())[0]!.hint).to.include('return null');
  });

  it('need the methods of the strategy that is chosen only', () => {
    class InsertOnly extends ObservabilityStorage {
      override async batchCreateSpans() {}
    }
    expect(problemsOf(new InsertOnly(), { strategy: { tracing: 'insert-only' } })).to.deep.equal([]);
    expect(problemsOf(new InsertOnly())).to.have.length(1);
  });

  it('that no host knows are mistakes at the start, not at the first write', () => {
    const store = new MemoryStore();
    store.tracing = { preferred: 'event-sourced' as never, supported: ['event-sourced' as never] };
    expect(messages(problemsOf(store))).to.deep.equal([
      'OBS_STORE_STRATEGY: MemoryStore hints "event-sourced" for tracing, which knows only: realtime, batch-with-updates, insert-only',
    ]);
  });

  it('for a signal that the manifest does not declare are a mistake, not events that nobody stores', () => {
    const plugin = storePlugin(new MemoryStore(), ['tracing']);
    expect(() => createTestHost({ plugins: { store: plugin } })).to.throw(
      'OBS_PLUGIN_SIGNAL_UNDECLARED: example taps logs, its manifest declares: tracing',
    );
  });

  it('are chosen without opening the store', () => {
    const store = new MemoryStore();
    hostOf(store);
    expect(store.calls).to.deep.equal([]);
  });
});
