import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBStore } from 'obs-kit/duckdb';
import type { BenchCase, Measures } from '../case.ts';
import { inDirectory } from '../store/directory.ts';

const RATE = 2_000;
const SECONDS = 30;
const WRITER = new URL('../store/writer.js', import.meta.url);

/** One process stores, another one asks, through the first. */
export default {
  title: `one process stores ${RATE.toLocaleString('en-US')} model calls/s for ${SECONDS} s, another one lists, opens and follows`,
  rounds: 3,
  compared: 'not',
  subjects: {
    'list of the newest 50': () => inDirectory((at) => shared(at, 'list')),
    'the newest trace in full': () => inDirectory((at) => shared(at, 'open')),
    'what changed since the last look': () => inDirectory((at) => shared(at, 'follow')),
  },
} satisfies BenchCase;

type Question = 'list' | 'open' | 'follow';
type Store = DuckDBStore['observability'];

async function shared(at: string, question: Question): Promise<Measures> {
  const path = join(at, 'obs.duckdb');
  const writer = fork(WRITER, [path, String(RATE)]);
  await once(writer, 'message');
  const store = new DuckDBStore({ path });
  await store.init();
  const times = await ask(store.observability, question);
  const made = await stop(writer);
  const { pagination } = await store.observability.listTraces();
  if (pagination.total !== made)
    throw new Error(`${made} traces were made and ${pagination.total} are listed`);
  await store.close();
  times.sort((a, b) => a - b);
  const at99 = times[Math.floor(times.length * 0.99)]!;
  return {
    'p50 (ms)': times[times.length >> 1]!,
    'p99 (ms)': at99,
    questions: times.length,
    'stored/s': made / SECONDS,
  };
}

async function ask(store: Store, question: Question): Promise<number[]> {
  const times: number[] = [];
  let { cursor } = await store.getChanges();
  const endsAt = performance.now() + SECONDS * 1_000;
  while (performance.now() < endsAt) {
    const [newest] = (await store.listTraces({ pagination: { perPage: 1 } })).spans;
    const startedAt = performance.now();
    if (question === 'list') await store.listTraces({ pagination: { perPage: 50 } });
    else if (question === 'follow') ({ cursor } = await store.getChanges({ cursor }));
    else if (newest) await store.getTrace({ traceId: newest.traceId });
    times.push(performance.now() - startedAt);
    await sleep(50);
  }
  return times;
}

async function stop(writer: ChildProcess): Promise<number> {
  writer.send('stop');
  const [{ made }] = (await once(writer, 'message')) as [{ made: number }];
  return made;
}
