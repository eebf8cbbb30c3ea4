import { Engine } from '../engine.ts';
import type { DatabaseOptions } from '../file/open.ts';
import { Answers } from './answers.ts';
import type { FileLock } from './lock.ts';
import type { Reply } from './requests.ts';
import { OwnerServer } from './server.ts';
import type { Way } from './way.ts';

/** Nothing takes a database away from a thread that has it open. */
const NEVER = new Promise<void>(() => {});

/**
 * Opens a database as its owner and serves it to others. A database in memory has no lock and is served to nobody.
 * @throws ObsError that says why it cannot be opened; the lock is released then.
 */
export async function own(
  options: DatabaseOptions,
  lock: FileLock | undefined,
  onReply: (reply: Reply) => void,
): Promise<Way> {
  const engine = new Engine(options);
  const opening = deferred();
  const server = lock && new OwnerServer(options.path, lock, engine, opening.promise);
  try {
    // Before DuckDB is loaded, which takes a while: who comes meanwhile waits here instead of trying again and again.
    await server?.listen();
    await engine.open();
    opening.resolve();
  } catch (error) {
    opening.reject(error);
    await server?.close();
    lock?.release();
    throw error;
  }
  const answers = new Answers(engine, onReply);
  return {
    post: (request) => void answers.take(request),
    lost: NEVER,
    setBusy: () => {}, // DuckDB's own work does
    close: async () => {
      await answers.settled();
      await server?.close();
      try {
        await engine.close();
      } finally {
        lock?.release();
      }
    },
  };
}

/** A promise and what settles it. */
function deferred() {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
