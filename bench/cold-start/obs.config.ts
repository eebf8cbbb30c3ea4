import { defineConfig, definePlugin } from '../../core/index.ts';

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
