import test from 'node:test';
import { definePlugin, type LogEvent } from '../../../core/index.ts';
import { type Destination, exporterCases } from '../index.ts';

/** An exporter to an array, which cannot be shut down twice. */
function startArray(): Destination & { logs: LogEvent[] } {
  const logs: LogEvent[] = [];
  return {
    logs,
    address: '',
    taken: () => logs.map(({ id }) => id),
    arrivals: () => logs.length,
    close() {},
  };
}

const cases = exporterCases({
  use({ logs }) {
    let isShutDown = false;
    const plugin = definePlugin({
      name: 'array',
      apiVersion: 1,
      kind: 'exporter',
      signals: ['logs'],
      apply(host) {
        host.deliver.logs(async (batch) => void logs.push(...batch));
        host.hooks.shutdown.tap(() => {
          if (isShutDown) throw new Error('it was shut down already');
          isShutDown = true;
        });
      },
    });
    return plugin();
  },
  destination: { start: startArray },
  signals: ['logs'],
});

for (const { name, skip, run } of cases) test(name, { skip: skip ?? false }, run);
