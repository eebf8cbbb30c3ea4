import type { ConformanceCase } from '../conformance.ts';

/** The ids of the cases that fail. */
export async function failuresOf(cases: readonly ConformanceCase[]): Promise<string[]> {
  const failed: string[] = [];
  for (const { id, run } of cases) await run().catch(() => failed.push(id));
  return failed;
}
