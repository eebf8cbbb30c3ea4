import { defineConfig, definePlugin } from '../../dist/core/index.js';

/** The smallest plugin that does something. */
const trivial = definePlugin({
  name: 'trivial',
  apiVersion: 1,
  kind: 'exporter',
  signals: ['logs'],
  apply(host) {
    host.hooks.logs.tap(() => {});
  },
});

export default defineConfig({ plugins: { trivial: trivial() } });
