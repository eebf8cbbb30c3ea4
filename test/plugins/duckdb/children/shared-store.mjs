import { join } from 'node:path';

/** A store of the built package in a process of its own, which does what it is sent: `[order, ...arguments]`. */
const [packagePath, path] = process.argv.slice(2);
const { DuckDBStore } = await import(join(packagePath, 'dist', 'plugins', 'duckdb', 'index.js'));
const store = new DuckDBStore({ path });

function log(n) {
  const timeUnixMicro = Date.now() * 1_000;
  return {
    type: 'log',
    id: n.toString(16).padStart(32, '0'),
    timestamp: new Date(timeUnixMicro / 1_000),
    timeUnixMicro,
    record: { level: 'info', message: `row ${n}` },
  };
}

const range = (from, count) => Array.from({ length: count }, (_, n) => log(from + n));

const ORDERS = {
  open: () => store.init(),
  close: () => store.close(),
  /** Row by row; says the longest wait for one to be stored. */
  write: async (from, count) => {
    let longestMs = 0;
    for (let n = from; n < from + count; n++) {
      const startedAt = performance.now();
      await store.observability.batchCreateLogs({ records: [log(n)] });
      longestMs = Math.max(longestMs, performance.now() - startedAt);
      if (n === from) process.send({ event: 'writing' });
    }
    return longestMs;
  },
  count: async () => (await store.observability.listLogs()).pagination.total,
  inspect: () => store.observability.inspect(),
  /** Starts writes whose answer nobody awaits. */
  post: (from, count) => {
    for (const record of range(from, count)) store.observability.batchCreateLogs({ records: [record] });
  },
  /** At the end of the process, writes this and says whether it was stored. */
  'at exit': (from, count) => {
    process.on('exit', () => {
      const isStored = store.observability.flushSync({ logs: range(from, count) }, 5_000);
      process.stdout.write(`stored: ${isStored}`);
    });
  },
  exit: (code) => setImmediate(() => process.exit(code)),
  throw: () => setImmediate(() => Promise.reject(new Error('thrown on purpose'))),
  /** From now on only the store can keep the process alive. */
  leave: () => process.disconnect(),
};

process.on('message', async ([order, ...args]) => {
  try {
    const value = await ORDERS[order](...args);
    if (process.connected) process.send({ value });
  } catch ({ code, message, hint }) {
    process.send({ error: { code, message, hint } });
  }
});
process.send({ event: 'ready' });
