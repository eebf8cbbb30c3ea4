/** How many milliseconds of a deadline that begins now are left, at least one. */
export function countdown(deadlineMs: number): () => number {
  const endsAt = performance.now() + deadlineMs;
  return () => Math.max(1, endsAt - performance.now());
}
