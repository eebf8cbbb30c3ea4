import type { RetryOptions } from './options.ts';

/**
 * The pause before the next attempt: full jitter below a limit that grows with each attempt, and never less than the
 * destination asked for.
 */
export function backoffMs(
  attempt: number,
  retry: Required<RetryOptions>,
  retryAfterMs: number | undefined,
  random: () => number,
): number {
  const limit = Math.min(retry.maxDelayMs, retry.initialDelayMs * retry.factor ** (attempt - 1));
  return Math.max(retryAfterMs ?? 0, random() * limit);
}
