import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/**
 * Writes to one database in the ways in which an application comes to open it twice, and says what went wrong:
 * `node shared-writer.mjs <way> <package> <database> <rows> [first row]`. A plain module, since children start faster
 * with the built package.
 */
const [way, packagePath, path, rows, first = '0'] = isMainThread ? process.argv.slice(2) : workerData;
const count = Number(rows);
const BATCH = 100;

const loadStore = async (from = packagePath) =>
  (await import(join(from, 'dist', 'plugins', 'duckdb', 'index.js'))).DuckDBStore;

function log(n) {
  const timeUnixMicro = Date.now() * 1_000;
  return {
    type: 'log',
    id: n.toString(16).padStart(32, '0'),
    timestamp: new Date(timeUnixMicro / 1_000),
    timeUnixMicro,
    record: { level: 'info', message: `row ${n}`, data: { n } },
  };
}

const range = (from, length) => Array.from({ length }, (_, n) => log(from + n));

/** Several batches are on their way at any time, as a host that pipelines has them. */
async function writeRows(store, from, length, maxOnTheWay = 8) {
  const writes = [];
  for (let done = 0; done < length; done += BATCH) {
    const records = range(from + done, Math.min(BATCH, length - done));
    writes.push(store.observability.batchCreateLogs({ records }).then(throwRejected));
    if (writes.length % maxOnTheWay === 0) await Promise.all(writes.slice(-maxOnTheWay));
  }
  await Promise.all(writes);
}

function throwRejected({ rejected }) {
  if (rejected.length > 0) throw new Error(`rejected: ${rejected[0].reason}`);
}

async function writeOnce(from = Number(first), Store = undefined) {
  const store = new (Store ?? (await loadStore()))({ path });
  await store.init();
  await writeRows(store, from, count);
  await store.close();
}

async function ended(child) {
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`a writer ended with ${code}`);
}

const argumentsFor = (index) => ['one', packagePath, path, rows, String((index + 1) * count)];
const self = import.meta.filename ?? new URL(import.meta.url).pathname;

const WAYS = {
  one: () => writeOnce(),
  fork: () => Promise.all([writeOnce(), ended(fork(self, argumentsFor(0)))]),
  cluster: async () => {
    if (cluster.isPrimary) {
      const workers = [0, 1, 2, 3].map((index) => cluster.fork({ FIRST_ROW: String(index * count) }));
      await Promise.all(workers.map((worker) => ended(worker)));
    } else {
      await writeOnce(Number(process.env.FIRST_ROW));
      cluster.worker.disconnect();
    }
  },
  threads: () => {
    const workers = [0, 1].map((index) => new Worker(self, { workerData: argumentsFor(index) }));
    return Promise.all([writeOnce(), ...workers.map(ended)]);
  },
  'double import': async () => {
    const copy = `${packagePath}-copy`;
    cpSync(packagePath, copy, { recursive: true });
    const [Store, Copy] = [await loadStore(), await loadStore(copy)];
    if (Store === Copy) throw new Error('it is the same module');
    await Promise.all([writeOnce(0, Store), writeOnce(count, Copy)]);
  },
  'hot reload': async () => {
    const Store = await loadStore();
    let closing = Promise.resolve();
    let old;
    const rounds = 4;
    for (let round = 0; round < rounds; round++) {
      const store = new Store({ path });
      await store.init();
      const written = writeRows(store, (round * count) / rounds, count / rounds, Infinity);
      // The old one is closed with all it was asked still on its way, when the new one already writes.
      if (old) closing = Promise.all([closing, old.written, old.store.close()]);
      old = { store, written };
    }
    await Promise.all([closing, old.written]);
    await old.store.close();
  },
};

await WAYS[way]();
parentPort?.close();
