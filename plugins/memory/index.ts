import { definePlugin, SIGNALS } from '../../core/index.ts';
import { memoryOptions } from './options.ts';
import { MemoryStore } from './store.ts';

export type { MemoryOptions } from './options.ts';
export { MemoryStore } from './store.ts';

/** Keeps all five signals in the memory of the process and answers queries from it: for tests, and as the plain reference. */
export const memory = definePlugin({
  name: 'memory',
  apiVersion: 1,
  kind: 'store',
  signals: SIGNALS,
  description: 'the memory of the process, for tests',
  redelivery: 'safe',
  options: memoryOptions,
  apply(host, options) {
    const store = new MemoryStore(options);
    store.onFirstDrop = (signal) =>
      host.logger.warn(`the memory store is full: the oldest ${signal} go from now on`);
    host.registerStore(store);
  },
});
