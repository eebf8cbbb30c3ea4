import { dirname, resolve } from 'node:path';
import { definePlugin, SIGNALS } from '../../core/index.ts';
import { JsonExporter } from './exporter.ts';
import { jsonOptions } from './options.ts';

export { JsonExporter } from './exporter.ts';
export { type JsonLine, toLine } from './map.ts';
export type { JsonOptions } from './options.ts';

/** Events as lines: JSON for programs or a readable form for people, to a file, stdout or stderr. */
export const json = definePlugin({
  name: 'json',
  apiVersion: 1,
  kind: 'exporter',
  signals: SIGNALS,
  description: 'one JSON object a line, to a file, stdout or stderr',
  options: jsonOptions,
  apply(host, options) {
    const { destination } = options;
    const isStream = destination === 'stdout' || destination === 'stderr';
    const path = isStream ? destination : resolve(dirname(host.dataDir), destination);
    const exporter = new JsonExporter({ ...options, destination: path });

    host.hooks.start.tap(() => exporter.init());
    host.deliver.tracing((batch, context) => exporter.send('tracing', batch, context));
    host.deliver.metrics((batch, context) => exporter.send('metrics', batch, context));
    host.deliver.logs((batch, context) => exporter.send('logs', batch, context));
    host.deliver.scores((batch, context) => exporter.send('scores', batch, context));
    host.deliver.feedback((batch, context) => exporter.send('feedback', batch, context));
    host.hooks.flush.tap(() => exporter.flush());
    host.hooks.shutdown.tap(() => exporter.shutdown());
  },
});
