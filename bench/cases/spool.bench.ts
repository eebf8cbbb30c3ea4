import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createObs, definePlugin, type Level } from '../../core/index.ts';
import { nodeFiles } from '../../core/spool/files.ts';
import { recoverSegments } from '../../core/spool/recovery.ts';
import { run } from '../../core/spool/steps.ts';
import type { BenchCase, Measures } from '../case.ts';

/** As many logs of about 700 bytes are made at once, then flushed. */
const AT_ONCE = 2_000;
const ROUNDS = 20;
const WARM_UP_ROUNDS = 5;
/** Logs that are left in a spool to be found. */
const LEFT = 100_000;
const DATA = { text: 'x'.repeat(450), userId: 'user-42' };

/** From an event's making to its delivery to a plugin that takes everything at once; and the finding of a spool. */
export default {
  title: 'logs through a delivery, by durability',
  rounds: 3,
  subjects: {
    memory: () => delivering('memory'),
    os: () => delivering('os'),
    disk: () => delivering('disk'),
    'finding what was left': finding,
  },
} satisfies BenchCase;

async function start(dataDir: string, durability: Level, isUp: boolean) {
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

async function delivering(durability: Level): Promise<Measures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'obs-bench-'));
  const obs = await start(dataDir, durability, true);
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round++) {
      for (let n = 0; n < AT_ONCE; n++) obs.logger.info('cache miss', DATA);
      await obs.flush();
    }
  };
  await rounds(WARM_UP_ROUNDS);
  const [cpu, from] = [process.cpuUsage(), performance.now()];
  await rounds(ROUNDS);
  const [{ user, system }, wallMs] = [process.cpuUsage(cpu), performance.now() - from];
  await obs.shutdown();
  rmSync(dataDir, { recursive: true });
  const count = AT_ONCE * ROUNDS;
  return { 'CPU µs/event': (user + system) / count, 'events/s': (count * 1_000) / wallMs };
}

async function finding(): Promise<Measures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'obs-bench-'));
  const obs = await start(dataDir, 'os', false);
  for (let n = 0; n < LEFT; n++) {
    obs.logger.info('cache miss', DATA);
    if (n % AT_ONCE === 0) await obs.flush({ until: 'stored' });
  }
  await obs.shutdown({ deadlineMs: 500 });
  let [bytes, events] = [0, 0];
  const from = performance.now();
  const found = recoverSegments(
    join(dataDir, 'spool/bench/0/logs'),
    undefined,
    ({ segment }) => {
      bytes += segment.bytes;
      events += segment.left;
    },
    () => {},
  );
  await run(found, nodeFiles);
  const ms = performance.now() - from;
  rmSync(dataDir, { recursive: true });
  if (events !== LEFT) throw new Error(`${events} of ${LEFT} events were found`);
  return { 's/GB': (ms / bytes) * 1e6 };
}
