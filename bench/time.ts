import { Bench } from 'tinybench';
import type { Measures } from './case.ts';

/** Calls per sample: one call is too short for the clock. */
const CALLS = 1_000;

/** Holds what calls return, so that no compiler drops a call whose result nobody reads. */
export const sink = { value: undefined as unknown };

/** The median time of one call, in nanoseconds. `call` is told its number. */
export function perCall(call: (i: number) => unknown): Promise<Measures> {
  return perBatch(CALLS, () => {
    for (let i = 0; i < CALLS; i++) sink.value = call(i);
  });
}

/** The median time of one of the `count` things that `run` does, in nanoseconds. */
export async function perBatch(count: number, run: () => unknown): Promise<Measures> {
  const bench = new Bench({ time: 500, warmupTime: 300, throws: true });
  bench.add('subject', run as () => void);
  const [task] = await bench.run();
  const { result } = task!;
  if (result.state !== 'completed') throw new Error(`the measurement ended as "${result.state}"`);
  return { ns: (result.latency.p50 * 1e6) / count };
}
