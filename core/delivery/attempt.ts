import type { PartialResult, Send, SendContext } from '../plugin.ts';
import { withTimeLimit } from './time-limit.ts';

/** What one attempt came to: how many events were refused and why, or the failure of the whole batch. */
export type Attempt = { rejected: number; reason: string } | { error: unknown };

/** Sends a batch once, within a time limit. Never rejects. */
export async function attemptSend<E>(
  send: Send<E>,
  batch: readonly E[],
  context: Omit<SendContext, 'abortSignal'>,
  abort: AbortController,
  limitMs: number,
): Promise<Attempt> {
  try {
    // A copy: a plugin that sorts or empties its batch changes neither the counts nor the next attempt.
    const sent = send([...batch], { ...context, abortSignal: abort.signal });
    return refusals(await withTimeLimit(sent, abort, limitMs), batch.length);
  } catch (error) {
    return { error };
  }
}

/** Each event counts once, however often it is named; a refusal that names none of the batch counts as one event. */
function refusals(result: PartialResult | void, size: number): Attempt {
  const listed: unknown = result?.rejected;
  if (!Array.isArray(listed) || listed.length === 0) return { rejected: 0, reason: '' };
  const refused = new Set(listed.map((item, position) => indexOf(item, size) ?? `item ${position}`));
  return { rejected: Math.min(refused.size, size), reason: String(listed[0]?.reason ?? 'no reason given') };
}

function indexOf(item: unknown, size: number): number | undefined {
  const index = (item as { index?: unknown } | null)?.index;
  return Number.isInteger(index) && Number(index) >= 0 && Number(index) < size ? Number(index) : undefined;
}
