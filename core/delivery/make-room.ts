import { eventValue, ORDINARY, type Value } from './event-value.ts';
import type { HeldSpans } from './held-spans.ts';
import type { ResolvedDelivery } from './options.ts';
import type { BoundedQueue } from './queue.ts';

/** What keeps an event out. */
export type Full = ReturnType<BoundedQueue<object>['fullFor']>;

/** What a queue is to make room for, and how. */
export interface RoomRequest<E extends object> {
  event: E;
  bytes: number;
  whenFull: ResolvedDelivery['whenFull'];
  /** Told of each event that gave way. */
  givenUp: (full: 'queue_full' | 'memory_full') => void;
}

/**
 * Makes room in a queue for an event: those of the least value give way, and among them the oldest or the newest, as the
 * policy says. Gives back why the event itself has to stay out; undefined when it fits. An event that would not fit
 * without all that it may displace displaces nothing.
 */
export function makeRoom<E extends object>(
  queue: BoundedQueue<E>,
  held: HeldSpans | undefined,
  { event, bytes, whenFull, givenUp }: RoomRequest<E>,
): Full {
  let full = queue.fullFor(bytes);
  if (!full) return undefined;
  // With drop-newest it is itself the newest of its value.
  const limit = eventValue(event) - (whenFull === 'drop-newest' ? 1 : 0);
  if (queue.fullFor(bytes, queue.upTo(limit))) return full;
  for (; full; full = queue.fullFor(bytes)) {
    // Spans that are held are starts, as a rule: they go before anything that is worth more.
    if (queue.leastValue > ORDINARY && held?.releaseOldest()) continue;
    if (queue.leastValue > limit) return full;
    const value = queue.leastValue as Value;
    if (whenFull === 'drop-newest') queue.popOf(value);
    else queue.shiftOf(value);
    givenUp(full);
  }
  return undefined;
}
