import type { PartialResult, Send, SendContext } from '../contract/send.ts';
import { type TimeLimit, withTimeLimit } from './time-limit.ts';

/** An event that a destination refused, and why; undefined for one of which it did not say which. */
export interface Refusal<E> {
  event: E | undefined;
  reason: string;
}

/** What one attempt came to: the events that were refused, or the failure of all. */
export type Attempt<E> = { refusals: readonly Refusal<E>[] } | { error: unknown };

/** Sends a batch once, within a time limit. Never rejects. */
export async function attemptSend<E>(
  send: Send<E>,
  batch: readonly E[],
  context: Omit<SendContext, 'abortSignal'>,
  abort: AbortController,
  limit: TimeLimit,
): Promise<Attempt<E>> {
  try {
    // A copy: a plugin that sorts or empties its batch changes neither the counts nor the next attempt.
    const sent = send([...batch], { ...context, abortSignal: abort.signal });
    return { refusals: refusalsOf(await withTimeLimit(sent, abort, limit), batch) };
  } catch (error) {
    return { error };
  }
}

const NONE: readonly never[] = [];

/** Each event counts once, however often it is named; a refusal that names none of the batch counts as one event. */
function refusalsOf<E>(result: PartialResult | void, batch: readonly E[]): readonly Refusal<E>[] {
  const listed: unknown = result?.rejected;
  if (!Array.isArray(listed) || listed.length === 0) return NONE;
  const refusals = new Map<unknown, Refusal<E>>();
  listed.forEach((item, position) => {
    const index = indexOf(item, batch.length);
    const key = index ?? `item ${position}`;
    if (refusals.has(key)) return;
    const reason = String(item?.reason ?? 'no reason given');
    refusals.set(key, { event: index === undefined ? undefined : batch[index], reason });
  });
  return [...refusals.values()].slice(0, batch.length);
}

function indexOf(item: unknown, size: number): number | undefined {
  const index = (item as { index?: unknown } | null)?.index;
  return Number.isInteger(index) && Number(index) >= 0 && Number(index) < size ? Number(index) : undefined;
}
