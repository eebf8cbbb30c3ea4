// A process of its own: an application that stores spans at a steady rate until it is told to stop.
import { setTimeout as sleep } from 'node:timers/promises';
import { createObs } from 'obs-kit';
import { duckdb } from 'obs-kit/duckdb';
import { makeSpans } from './spans.ts';

const [path, rate] = process.argv.slice(2) as [string, string];
const EVERY_MS = 20;

const config = { plugins: { local: duckdb({ path }) } };
const obs = await createObs({}, { config, env: {}, environment: 'production' } as never);
await obs.flush();
const models = makeSpans(2_000, 'llm');
let made = 0;
let isStopped = false;
process.on('message', () => {
  isStopped = true;
});
process.send!({ ready: true });
const startedAt = performance.now();
while (!isStopped) {
  for (; made < ((performance.now() - startedAt) / 1_000) * Number(rate); made++) {
    const { name, type, input, output, attributes } = models[made % models.length]!;
    obs.startSpan({ name, type, input, attributes } as never).end({ output });
  }
  await sleep(EVERY_MS);
}
await obs.flush({ deadlineMs: 60_000 });
process.send!({ made });
process.disconnect();
