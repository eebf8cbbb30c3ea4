import { expect } from 'chai';
import type { StorageStrategy } from '../../../core/contract/store.ts';
import { createTestHost, type EntryPatch } from '../../kit/host.ts';
import { MemoryStore } from '../memory-store.ts';
import { pluginOf } from '../plugins.ts';

const storePlugin = (store: MemoryStore) => pluginOf((host) => host.registerStore(store), { kind: 'store' });

function hostOf(store: MemoryStore, patch: Partial<EntryPatch> = {}) {
  return createTestHost({ plugins: { store: { plugin: storePlugin(store), ...patch } } });
}

describe('writes to a store', () => {
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
      ['batchCreateSpans', 'inner 3', 'point 1', 'outer 1'],
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
