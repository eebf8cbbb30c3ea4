import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ObservabilityStorage, PluginHost } from '../../../core/index.ts';
import { duckdb, ObservabilityDuckDB } from '../../../plugins/duckdb/index.ts';
import { duckdbOptions } from '../../../plugins/duckdb/options.ts';
import { scratchDirectory } from './opened.ts';

/** Applies the plugin as the host does and gives back what it registers; any other use of the host throws. */
function registered(project: string, options: object): ObservabilityStorage {
  const stores: ObservabilityStorage[] = [];
  const host = {
    dataDir: join(project, '.obs'),
    registerStore: (store: ObservabilityStorage) => stores.push(store),
    hooks: { start: { tap: () => {} } },
  };
  duckdb.apply(host as unknown as PluginHost, duckdbOptions.parse({ thread: 'main', ...options }));
  expect(stores).to.have.lengthOf(1);
  return stores[0]!;
}

describe('the duckdb plugin', () => {
  const directory = scratchDirectory();

  it('registers a store of all five signals and does nothing else before it is opened', () => {
    const store = registered(directory(), {});
    expect(store).to.be.instanceOf(ObservabilityDuckDB);
    expect(duckdb).to.include({ name: 'duckdb', kind: 'store', apiVersion: 1 });
    expect(duckdb.signals).to.deep.equal(['tracing', 'metrics', 'logs', 'scores', 'feedback']);
    expect(existsSync(join(directory(), '.obs'))).to.equal(false);
  });

  it('prefers folded batches for spans and batches for the rest, and supports the others', () => {
    const store = registered(directory(), { path: ':memory:' });
    expect(store.tracingStrategy).to.deep.equal({
      preferred: 'batch-with-updates',
      supported: ['realtime', 'batch-with-updates', 'insert-only'],
      isPipelined: true,
    });
    const rest = [store.metricsStrategy, store.logsStrategy, store.scoresStrategy, store.feedbackStrategy];
    for (const hint of rest)
      expect(hint).to.deep.equal({
        preferred: 'batch',
        supported: ['realtime', 'batch'],
        isPipelined: true,
      });
  });

  it('puts the file into the project, by default into .obs', async () => {
    for (const [options, file] of [
      [{}, '.obs/obs.duckdb'],
      [{ path: 'data/own.duckdb' }, 'data/own.duckdb'],
      [{ path: join(directory(), 'absolute.duckdb') }, 'absolute.duckdb'],
    ] as const) {
      const store = registered(directory(), options);
      await store.init();
      expect(existsSync(join(directory(), file)), file).to.equal(true);
      await store.close();
    }
  });

  it('describes every option and refuses an unknown one', async () => {
    for (const [name, schema] of Object.entries(duckdbOptions.unwrap().shape))
      expect(schema.description, name).to.be.a('string').with.length.greaterThan(20);
    const result = await duckdb.options!['~standard'].validate({ paht: 'x' });
    expect(result.issues?.[0]?.message).to.match(/paht/);
  });
});
