import { setTimeout } from 'node:timers/promises';
import { ObsError } from '../../../core/index.ts';
import type { DatabaseOptions } from '../file/open.ts';
import { prepareFile } from '../file/place.ts';
import { attach } from './attach.ts';
import { type Owner, readOwner, tryLock } from './lock.ts';
import { own } from './own.ts';
import type { Reply } from './requests.ts';
import { runPlace } from './run-file.ts';
import type { Way } from './way.ts';

const RETRY_MS = 25;
/** An owner that runs but cannot be reached is about to open or close; closing may take a checkpoint of seconds. */
const PATIENCE_MS = 15_000;

/**
 * Becomes the owner of a database, or goes through whoever is.
 * @throws ObsError that says why it cannot be opened; `OBS_STORE_BUSY` when its owner runs but does not answer.
 */
export async function join(
  options: DatabaseOptions,
  onReply: (reply: Reply) => void,
  patienceMs = PATIENCE_MS,
): Promise<Way> {
  if (options.path === ':memory:') return own(options, undefined, onReply);
  const place = runPlace(prepareFile(options.path).path);
  const deadline = Date.now() + patienceMs;
  for (;;) {
    // First of all, since an owner that answers is one, whatever can be seen of its process from here.
    const owner = readOwner(place);
    const attached = owner && (await attach(owner, onReply));
    if (attached) return attached;
    const lock = tryLock(place);
    if (lock) return own(options, lock, onReply);
    if (Date.now() > deadline) throw busy(place.database, owner);
    await setTimeout(RETRY_MS);
  }
}

function busy(database: string, owner: Owner | undefined): ObsError {
  if (!owner) {
    const what = `is in use in this process (${process.pid}), but no run file says by whom`;
    return new ObsError('OBS_STORE_BUSY', `${database} ${what}`);
  }
  const { pid, threadId, since } = owner;
  const thread = threadId === 0 ? 'main thread' : `worker thread ${threadId}`;
  const where = pid === process.pid ? `this process (${pid})` : `process ${pid}`;
  const what = `has been open in ${where}, ${thread}, since ${since}, which does not answer`;
  return new ObsError('OBS_STORE_BUSY', `${database} ${what}`);
}
