import { createObs, definePlugin, type Level } from '../core/index.ts';

/** An instance with one plugin of a durability, which takes everything at once, or nothing ever. */
export async function startSpooling(dataDir: string, durability: Level, isUp: boolean) {
  const bench = definePlugin<unknown>({
    name: 'bench',
    apiVersion: 1,
    kind: 'exporter',
    signals: ['logs'],
    apply: (host) =>
      host.deliver.logs(async () => {
        if (!isUp) await new Promise(() => {});
      }),
  });
  const overrides = { dataDir, plugins: { bench: { delivery: { durability } } } };
  return createObs(overrides, { config: { plugins: { bench } }, env: {}, environment: 'production' });
}
