import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Level } from '../../core/index.ts';
import type { BenchCase, Measures } from '../case.ts';
import { startSpooling } from '../spooling.ts';

/** As many logs of about 700 bytes are made at once, then flushed. */
const AT_ONCE = 2_000;
const ROUNDS = 20;
const WARM_UP_ROUNDS = 5;
const DATA = { text: 'x'.repeat(450), userId: 'user-42' };

/** From an event's making to its delivery to a plugin that takes everything at once. */
export default {
  title: 'logs through a delivery, by durability',
  rounds: 3,
  subjects: {
    memory: () => delivering('memory'),
    os: () => delivering('os'),
    disk: () => delivering('disk'),
  },
} satisfies BenchCase;

async function delivering(durability: Level): Promise<Measures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'obs-bench-'));
  const obs = await startSpooling(dataDir, durability, true);
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
