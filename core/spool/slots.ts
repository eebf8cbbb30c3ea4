import { join } from 'node:path';
import { releaseLock, type SlotLock, takeLock } from './slot-lock.ts';
import { makeDirectory, namesIn, type Steps } from './steps.ts';

/** The slots that a host holds of one entry. */
export interface Slots {
  /** Where it writes. */
  own: SlotLock;
  /** Those that processes before it left behind: it sends what lies there, too. */
  adopted: SlotLock[];
}

/** More hosts of one entry at the same time than that, and something else is wrong. */
const MAX_SLOTS = 1_000;

/**
 * Takes the first slot of a directory that nobody holds, and all others that somebody left behind.
 * @throws what the file system says.
 */
export function* takeSlots(directory: string): Steps<Slots> {
  yield* makeDirectory(directory);
  const own = yield* takeFirstFree(directory);
  const adopted: SlotLock[] = [];
  for (const name of yield* namesIn(directory)) {
    if (!/^\d+$/.test(name) || join(directory, name) === own.directory) continue;
    const lock = yield* takeLock(join(directory, name));
    if (lock) adopted.push(lock);
  }
  return { own, adopted };
}

/** Gives all of them back. */
export function* releaseSlots({ own, adopted }: Slots): Steps<void> {
  for (const lock of [own, ...adopted]) yield* releaseLock(lock);
}

function* takeFirstFree(directory: string): Steps<SlotLock> {
  for (let slot = 0; slot < MAX_SLOTS; slot++) {
    const path = join(directory, String(slot));
    yield* makeDirectory(path);
    const lock = yield* takeLock(path);
    if (lock) return lock;
  }
  throw new Error(`all ${MAX_SLOTS} slots of ${directory} are in use`);
}
