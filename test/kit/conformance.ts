/** One check of a plugin, for any runner: `it(name, run)`. */
export interface ConformanceCase {
  /** What is checked, such as `manifest.described`; stays the same in later versions. */
  readonly id: string;
  /** The id and a sentence. */
  readonly name: string;
  /** Why it does not apply; then `run` does nothing. */
  readonly skip?: string;
  /** Rejects with what is wrong. */
  run(): Promise<void>;
}

/** Makes a case; `skip` is a reason, or undefined where it applies. */
export function caseOf(
  id: string,
  sentence: string,
  skip: string | undefined,
  run: () => void | Promise<void>,
): ConformanceCase {
  const name = `${id}: ${sentence}`;
  if (skip !== undefined) return { id, name, skip, run: async () => {} };
  return { id, name, run: async () => run() };
}
