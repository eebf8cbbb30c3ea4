import { join } from 'node:path';
import { DuckDBStore } from '@mastra/duckdb';
import {
  DefaultObservabilityInstance,
  MastraStorageExporter,
  SamplingStrategyType,
} from '@mastra/observability';
import type { SustainedHost } from './sustained-host.ts';

const SILENT = { debug() {}, info() {}, warn() {}, error() {}, trackException() {} };

/** Mastra's observability with its storage exporter and its DuckDB store. */
export async function openPeerHost(directory: string): Promise<SustainedHost> {
  const store = new DuckDBStore({ path: join(directory, 'peer.duckdb') });
  await store.init();
  const { observability } = store as unknown as { observability: Listed };
  const storage = { getStore: async () => observability, init: async () => {}, supports: {} };
  const exporter = new MastraStorageExporter();
  // It would say on stdout, where the figures go, that it has ended.
  exporter.__setLogger(SILENT as never);
  await exporter.init({ mastra: { getStorage: () => storage, getLogger: () => undefined } } as never);
  const instance = new DefaultObservabilityInstance({
    name: 'default',
    serviceName: 'support-bot',
    sampling: { type: SamplingStrategyType.ALWAYS },
    exporters: [exporter],
  } as never);
  return {
    make: ({ name, type, input, output, attributes }) =>
      instance.startSpan({ name, type, input, attributes } as never).end({ output } as never),
    flush: () => instance.flush(),
    // Its total counts the start and the end of a span as a trace each.
    stored: async () =>
      (await observability.listTraces({ pagination: { page: 0, perPage: 1 } })).pagination.total / 2,
    close: async () => {
      await instance.shutdown();
      await (store as unknown as { close?(): Promise<void> }).close?.();
    },
  };
}

interface Listed {
  listTraces(args: object): Promise<{ pagination: { total: number } }>;
}
