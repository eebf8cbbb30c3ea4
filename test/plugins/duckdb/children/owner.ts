import { parentPort } from 'node:worker_threads';
import { DuckDBStore } from '../../../../plugins/duckdb/index.ts';

/** A child process or worker thread that opens the store at each path it is sent, and closes it at `close`. */
let store: DuckDBStore | undefined;

async function obey(order: string): Promise<object> {
  if (order === 'close') {
    await store?.close();
    return { closed: true };
  }
  store = new DuckDBStore({ path: order });
  try {
    await store.init();
    return { opened: true };
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
}

if (parentPort) {
  const port = parentPort;
  port.on('message', async (order: string) => port.postMessage(await obey(order)));
  port.postMessage({ ready: true });
} else {
  process.on('message', async (order: string) => process.send?.(await obey(order)));
  process.send?.({ ready: true });
}
