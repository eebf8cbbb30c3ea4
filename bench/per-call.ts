import { Bench } from 'tinybench';
import type { Measures } from './case.ts';

/** Calls per sample: one call is too short for the clock. */
const CALLS = 1_000;

/** Holds what calls return, so that no compiler drops a call whose result nobody reads. */
export const sink = { value: undefined as unknown };

/** The median time of one call, in nanoseconds. */
export async function perCall(call: (i: number) => unknown): Promise<Measures> {
  const perSample = await medianMs(() => {
    for (let i = 0; i < CALLS; i++) sink.value = call(i);
  });
  return { 'ns/call': (perSample * 1e6) / CALLS };
}

/** The median time of one of the `count` items that `run` handles, in nanoseconds. */
export async function perItem(count: number, run: () => Promise<unknown>): Promise<Measures> {
  return { 'ns/span': ((await medianMs(run)) * 1e6) / count };
}

async function medianMs(run: () => unknown): Promise<number> {
  const bench = new Bench({ time: 500, warmupTime: 300, throws: true });
  bench.add('subject', run as () => void);
  const [task] = await bench.run();
  const { result } = task!;
  if (result.state !== 'completed') throw new Error(`the measurement ended as "${result.state}"`);
  return result.latency.p50;
}
