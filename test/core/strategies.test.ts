import { expect } from 'chai';
import type { ObsError } from '../../core/errors.ts';
import { ObservabilityStorage, type StorageStrategy } from '../../core/store.ts';
import { wire } from '../../core/wire.ts';
import { createTestHost, type EntryPatch, resolvedConfig } from '../kit/host.ts';
import { MemoryStore } from './memory-store.ts';
import { pluginOf } from './plugins.ts';

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

  /** A trace of two spans and an event span, of which the outer one ends in a later batch. */
  async function trace(store: MemoryStore, strategy: StorageStrategy): Promise<string> {
    const { obs, start } = hostOf(store, { strategy: { tracing: strategy } });
    await start();
    const outer = obs.startSpan({ name: 'outer', input: 'question' });
    const inner = outer.createChildSpan({ name: 'inner' });
    inner.update({ output: 'half' });
    inner.end({ output: 'whole' });
    outer.createEventSpan({ name: 'point' });
    await obs.flush();
    outer.error({ error: new Error('no') });
    await obs.flush();
    await obs.shutdown();
    const { accepted, delivered } = obs.diagnostics().plugins['store']!.signals.tracing!;
    expect(delivered).to.equal(accepted);
    const stored = (await store.getSpan({ traceId: outer.traceId, spanId: outer.id }))!;
    expect(stored).to.deep.include({ name: 'outer', status: 'error', input: 'question' });
    expect(stored.errorInfo).to.deep.include({ message: 'no' });
    expect(await store.getSpan({ traceId: inner.traceId, spanId: inner.id })).to.deep.include({
      status: 'ok',
      output: 'whole',
    });
    expect(store.spans.size).to.equal(3);
    return outer.traceId;
  }

  it('realtime: writes each event as it comes, in order', async () => {
    const store = new MemoryStore();
    await trace(store, 'realtime');
    expect(store.calls).to.deep.equal([
      ['init'],
      ['createSpan', 'outer 1'],
      ['createSpan', 'inner 1'],
      ['updateSpan', 'inner 2'],
      ['updateSpan', 'inner 3'],
      ['createSpan', 'point 1'],
      ['updateSpan', 'outer 2'],
      ['updateSpan', 'outer 3'],
      ['close'],
    ]);
  });

  it('batch-with-updates: folds a batch to creates and updates', async () => {
    const store = new MemoryStore();
    await trace(store, 'batch-with-updates');
    expect(store.calls).to.deep.equal([
      ['init'],
      ['batchCreateSpans', 'outer 1', 'inner 3', 'point 1'],
      ['batchUpdateSpans', 'outer 3'],
      ['close'],
    ]);
  });

  it('insert-only: writes a span once, when it has ended', async () => {
    const store = new MemoryStore();
    await trace(store, 'insert-only');
    expect(store.calls).to.deep.equal([
      ['init'],
      ['batchCreateSpans', 'inner 3', 'point 1'],
      ['batchCreateSpans', 'outer 3'],
      ['close'],
    ]);
  });

  it('insert-only: counts the events of started and updated spans neither as accepted nor as dropped', async () => {
    const { obs, start } = hostOf(new MemoryStore(), { strategy: { tracing: 'insert-only' } });
    await start();
    obs.startSpan({ name: 'open' }).update({ output: 1 });
    obs.trace('done', () => {});
    await obs.flush();
    expect(obs.diagnostics().plugins['store']!.signals.tracing).to.deep.include({
      accepted: 1,
      delivered: 1,
      dropped: {},
    });
  });

  it('batch and realtime of the other signals: many at once, or one by one', async () => {
    for (const [strategy, calls] of [
      ['batch', [['batchCreateLogs', 'one', 'two']]],
      [
        'realtime',
        [
          ['batchCreateLogs', 'one'],
          ['batchCreateLogs', 'two'],
        ],
      ],
    ] as const) {
      const store = new MemoryStore();
      const { obs, start } = hostOf(store, { strategy: { logs: strategy }, delivery: { maxItems: 100 } });
      await start();
      obs.logger.info('one');
      obs.logger.info('two');
      await obs.flush();
      expect(store.calls.slice(1)).to.deep.equal(calls);
    }
  });

  it('count all events that a refused record stands for', async () => {
    const store = new MemoryStore();
    const { obs, start } = hostOf(store);
    await start();
    store.answer = { rejected: [{ index: 1, reason: 'name too long' }] };
    obs.trace('fine', () => {});
    const bad = obs.startSpan({ name: 'bad' });
    bad.update({ output: 1 });
    bad.end();
    obs.trace('fine too', () => {});
    await obs.flush();
    expect(store.calls[1]).to.deep.equal(['batchCreateSpans', 'fine 2', 'bad 3', 'fine too 2']);
    const tracing = obs.diagnostics().plugins['store']!.signals.tracing!;
    expect(tracing).to.deep.include({ accepted: 7, delivered: 4, dropped: { rejected: 3 } });
    expect(tracing.lastError!.message).to.equal('name too long');
  });

  it('write a batch again after a failure, which changes nothing that was stored', async () => {
    class Failing extends MemoryStore {
      failures = 2;
      override async batchUpdateSpans(args: Parameters<MemoryStore['batchUpdateSpans']>[0]) {
        if (this.failures-- > 0) throw new Error('locked');
        return super.batchUpdateSpans(args);
      }
    }
    const store = new Failing();
    const { obs, start } = createTestHost({ random: () => 0, plugins: { store: storePlugin(store) } });
    await start();
    const early = obs.startSpan({ name: 'early' });
    await obs.flush();
    early.end({ output: 1 });
    const { id, traceId } = obs.trace('late', (span) => span);
    await obs.flush();
    expect(store.calls.filter(([method]) => method === 'batchCreateSpans')).to.have.length(4);
    expect(store.spans.size).to.equal(2);
    expect(await store.getSpan({ traceId, spanId: id })).to.deep.include({ status: 'ok' });
    expect(await store.getSpan({ traceId: early.traceId, spanId: early.id })).to.deep.include({ output: 1 });
    const tracing = obs.diagnostics().plugins['store']!.signals.tracing!;
    expect(tracing).to.deep.include({ accepted: 4, delivered: 4, dropped: {} });
  });
});
