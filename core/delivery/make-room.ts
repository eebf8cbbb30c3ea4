import type { HeldSpans } from './held-spans.ts';
import type { ResolvedDelivery } from './options.ts';
import type { BoundedQueue } from './queue.ts';

/** What keeps an event out. */
export type Full = ReturnType<BoundedQueue<object>['fullFor']>;

/**
 * Makes room in a queue for an event of this size, where the policy lets others give way: the oldest, which are told
 * one by one. Gives back why the event has to stay out; undefined when it fits.
 */
export function makeRoom<E extends object>(
  queue: BoundedQueue<E>,
  held: HeldSpans | undefined,
  bytes: number,
  whenFull: ResolvedDelivery['whenFull'],
  givenUp: (full: 'queue_full' | 'memory_full') => void,
): Full {
  for (;;) {
    const full = queue.fullFor(bytes);
    if (!full || whenFull === 'drop-newest') return full;
    if (queue.length === 0 && !held?.releaseOldest()) return full;
    queue.shift();
    givenUp(full);
  }
}
