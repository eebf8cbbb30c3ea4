import { dirname, resolve } from 'node:path';
import { definePlugin, SIGNALS } from '../../core/index.ts';
import { duckdbOptions } from './options.ts';
import { DuckDBStore } from './store.ts';

export type { DuckDBOptions } from './options.ts';
export { openParquet, type ParquetFiles } from './parquet.ts';
export { DuckDBStore, ObservabilityDuckDB } from './store.ts';

/** Keeps all five signals in one DuckDB file, embedded in the process, and answers queries from it. */
export const duckdb = definePlugin({
  name: 'duckdb',
  apiVersion: 1,
  kind: 'store',
  signals: SIGNALS,
  description: 'an embedded DuckDB file that can be queried',
  redelivery: 'safe',
  options: duckdbOptions,
  apply(host, options) {
    const isInMemory = options.path === ':memory:';
    const path = isInMemory ? options.path : resolve(dirname(host.dataDir), options.path);
    const { observability } = new DuckDBStore({ ...options, path });
    host.registerStore(observability);
    host.hooks.start.tap(async () => {
      for (const { message, hint } of await observability.damage()) host.logger.error(`${message} (${hint})`);
    });
  },
});
