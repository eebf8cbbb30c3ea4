import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeFiles } from '../../core/spool/files.ts';
import { recoverSegments } from '../../core/spool/recovery.ts';
import { run } from '../../core/spool/steps.ts';
import type { BenchCase, Measures } from '../case.ts';
import { startSpooling } from '../spooling.ts';

/** Logs of about 900 bytes that are left in a spool. */
const LEFT = 100_000;
const AT_ONCE = 2_000;
const DATA = { text: 'x'.repeat(450), userId: 'user-42' };

/** What a start costs that finds what an earlier process left. */
export default {
  title: 'finding what was left in a spool',
  rounds: 3,
  compared: 'not',
  subjects: { 'finding what was left': finding },
} satisfies BenchCase;

async function finding(): Promise<Measures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'obs-bench-'));
  const obs = await startSpooling(dataDir, 'os', false);
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
