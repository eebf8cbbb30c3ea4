import type { FlushOptions, FlushResult } from '../bus/event-bus.ts';
import { countdown } from '../countdown.ts';
import { messageOf } from '../errors.ts';
import type { Wired } from '../wire.ts';

const FLUSH_MS = 10_000;
/** A queue that cannot be emptied leaves the plugins the rest of the time to write and to close in. */
const QUEUES_SHARE = 0.8;

/** Queues first, then the plugins, which write what they hold. Never rejects; ends by its deadline. */
export async function flushHost(wired: Wired, options: FlushOptions = {}): Promise<FlushResult> {
  const { deadlineMs = FLUSH_MS, ...rest } = options;
  const { bus, slot, registry } = wired;
  const left = countdown(deadlineMs);
  const result = await bus.flush({ ...rest, deadlineMs: deadlineMs * QUEUES_SHARE });
  if (!registry.isStopped) await slot.hooks.flush.promise({ deadlineMs: left() });
  return result;
}

/** Queues first, then the plugins: each is told to write and then to let go, whatever the others do. Never rejects. */
export async function shutdownHost(wired: Wired, deadlineMs: number): Promise<FlushResult> {
  const { bus, slot, registry } = wired;
  const left = countdown(deadlineMs);
  const result = await bus.shutdown({ deadlineMs: deadlineMs * QUEUES_SHARE });
  await registry.stop(left() / 3);
  // A plugin that hangs in its flush leaves the others half of the time to close in.
  await slot.hooks.flush.promise({ deadlineMs: left() / 2 });
  await slot.hooks.shutdown.promise({ deadlineMs: left() });
  registry.end();
  return result;
}

/** A process that ends at once still waits this long for its stores. */
const LAST_WRITE_MS = 2_000;

/**
 * Lets stores and spools write what they have not got when the process ends without a shutdown, as by `process.exit()`
 * or an uncaught error. What nobody can write any more is counted as `process_exit` and said in one line. Never throws.
 */
export function writeLeft(wired: Wired): void {
  writeStores(wired);
  const lost = wired.deliveries.giveUpLeft();
  if (lost.size === 0) return;
  const counts = [...lost].map(([key, count]) => `${count} of "${key}"`).join(', ');
  const what = `the process ended before these events were delivered: ${counts} (process_exit)`;
  wired.book.warnOnce('process_exit', what, 'ERROR');
}

function writeStores({ registry, deliveries, book }: Wired): void {
  const left = countdown(LAST_WRITE_MS);
  for (const { key, stores, placements } of registry.living) {
    try {
      const writes = stores
        .map((store) => store.flushSync?.bind(store))
        .filter((write) => write !== undefined);
      if (writes.length === 0) continue;
      deliveries.writeLeft(placements.deliveries, (events) => writes.every((write) => write(events, left())));
    } catch (error) {
      book.warnOnce(`exit ${key}`, `"${key}" could not write its last events: ${messageOf(error)}`, 'ERROR');
    }
  }
}
