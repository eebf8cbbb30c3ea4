import { rmSync } from 'node:fs';
import { makeDirectory, type Opened, open, type Strategies } from './opened.ts';
import type { StoreSubject } from './subject.ts';

/** Milliseconds without a check after which a shared store is closed. */
const IDLE_MS = 250;

/** Stores that checks share, since to open one takes longer than most checks. */
export interface SharedStores {
  /**
   * Runs a check on the store with this name; `prepare` is done once, when it is opened. It is closed when nobody has asked for
   * it for a while, or when a check has failed.
   */
  use(name: string, check: (opened: Opened) => Promise<void>, how?: How): Promise<void>;
}
interface How {
  strategy?: Strategies;
  prepare?: (opened: Opened) => Promise<void>;
}
interface Held {
  opened: Promise<Opened>;
  close(): Promise<void>;
  timer?: NodeJS.Timeout | undefined;
}

/** The shared stores of one subject. */
export function createSharedStores(subject: StoreSubject): SharedStores {
  const held = new Map<string, Held>();
  return {
    async use(name, check, how = {}) {
      const one = held.get(name) ?? hold(subject, how);
      clearTimeout(one.timer);
      held.set(name, one);
      const letGo = (): Promise<void> => {
        held.delete(name);
        return one.close();
      };
      try {
        await check(await one.opened);
        one.timer = setTimeout(letGo, IDLE_MS);
      } catch (error) {
        await letGo().catch(() => {}); // what the check says matters more
        throw error;
      }
    },
  };
}

function hold(subject: StoreSubject, { strategy, prepare }: How): Held {
  const directory = makeDirectory();
  const opened = open(subject.use(directory), strategy).then(async (store) => {
    await prepare?.(store);
    return store;
  });
  return {
    opened,
    async close() {
      await (await opened).close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
