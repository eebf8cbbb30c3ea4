import { parentPort, workerData } from 'node:worker_threads';
import { Answers } from './owner/answers.ts';
import { Keeper } from './owner/keeper.ts';
import type { Request } from './owner/requests.ts';
import type { ThreadOptions, WorkerMessage } from './owner/thread.ts';

/** What the thread that started this one sends: requests, or to say when everything before is done. */
type FromStarter = Request | { settle: Int32Array };

/** The thread that has a database open, or goes through whoever has. */
if (parentPort) {
  const port = parentPort;
  const post = (message: WorkerMessage) => port.postMessage(message);
  const answers = new Answers(new Keeper(workerData as ThreadOptions), post);
  port.on('message', async (message: FromStarter) => {
    if (!('settle' in message)) {
      // What arrives is a copy: its starter has the records themselves.
      if ('ask' in message && message.ask.kind === 'write') message.ask.isSole = true;
      answers.take(message);
      return;
    }
    // Its starter stands still until this is said.
    Atomics.store(message.settle, 0, (await answers.settled()) ? 1 : 2);
    Atomics.notify(message.settle, 0);
  });
  post({ ready: true });
}
