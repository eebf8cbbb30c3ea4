import type { Change } from './change.ts';
import type { BoundedQueue } from './queue.ts';

/** How often a source looks whether other queues gave memory back. */
const MEMORY_POLL_MS = 50;

/** Resolves when a queue may have room again. */
export function mayHaveRoom(queue: Pick<BoundedQueue<never>, 'length'>, change: Change): Promise<void> {
  if (queue.length > 0) return change.next();
  // Memory that other queues hold comes back without a word to this one.
  return new Promise((resolve) => {
    setTimeout(resolve, MEMORY_POLL_MS).unref();
  });
}
