/** Milliseconds that the waiting parts together may keep the event loop before the application has its turn. */
const TURN_MS = 4;
/** Milliseconds of one part. */
const PART_MS = 2;

/** Of the platform, whatever a test puts in its place. */
const { nextTick } = process;

/** Who waits for a turn, in order. */
const waiting: (() => void)[] = [];
/** What the next turn was asked of; a test may put another clock in its place, which never comes to the old one's. */
let scheduledBy: typeof setImmediate | undefined;
let endsAt = 0;

/**
 * Resolves on a later turn of the event loop. Work that takes long, such as writing a large request, awaits this between
 * its parts: however many plugins are at work, only as many parts as 4 ms hold are done in one turn.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (scheduledBy !== setImmediate) schedule();
  });
}

/** Like `items.forEach(fn)`, in parts of at most 2 ms, each on a turn of its own. */
export async function forEachInTurns<T>(
  items: readonly T[],
  fn: (item: T, index: number) => void,
): Promise<void> {
  let partEndsAt = performance.now() + PART_MS;
  for (const [index, item] of items.entries()) {
    if (performance.now() > partEndsAt) {
      await nextTurn();
      partEndsAt = performance.now() + PART_MS;
    }
    fn(item, index);
  }
}

function schedule(): void {
  scheduledBy = setImmediate;
  setImmediate(begin);
}

function begin(): void {
  endsAt = performance.now() + TURN_MS;
  next();
}

function next(): void {
  if (waiting.length === 0) scheduledBy = undefined;
  else if (performance.now() >= endsAt) schedule();
  else {
    waiting.shift()?.();
    afterPromises(next);
  }
}

/** Ticks come before promises, but not those that a promise asks for: by then the part that was resumed is done. */
function afterPromises(fn: () => void): void {
  void Promise.resolve().then(() => nextTick(fn));
}
