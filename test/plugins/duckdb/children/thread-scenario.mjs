import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import threads from 'node:worker_threads';

/** What happens to a store whose worker cannot start, or dies: prints what it saw as JSON. */
const [scenario, packagePath, path] = process.argv.slice(2);
const workers = [];
threads.Worker = class extends threads.Worker {
  constructor(url, options) {
    if (scenario === 'no worker') throw new Error('no threads here');
    super(scenario === 'no module' ? new URL('file:///nowhere/worker.js') : url, options);
    workers.push(this);
  }
};
syncBuiltinESMExports();
const { DuckDBStore } = await import(join(packagePath, 'dist', 'plugins', 'duckdb', 'index.js'));

const score = (n) => ({
  type: 'score',
  id: String(n).padStart(32, '0'),
  traceId: 'a'.repeat(32),
  timestamp: new Date(1_000),
  timeUnixMicro: 1_000_000,
  score: { scorerId: 'x', score: n },
});
const store = new DuckDBStore({ path });
const total = async () => (await store.observability.listScores()).pagination.total;
const write = (n) => store.observability.batchCreateScores({ records: [score(n)] });
const codeOf = (asked) =>
  asked.then(
    () => 'answered',
    ({ code }) => code,
  );

await store.init();
await write(1);
const said = {
  workers: workers.length,
  flushed: store.observability.flushSync({ scores: [score(2)] }, 5_000),
};
if (scenario === 'death') {
  // Asked of a worker that is about to die. One that dies amid the work of DuckDB's addon can take the process along.
  const dead = workers[0].terminate();
  const asked = [codeOf(write(3)), codeOf(store.observability.listScores())];
  await dead;
  said.codes = await Promise.all(asked);
  await write(3);
  said.workersAfter = workers.length;
}
said.total = await total();
said.problems = (await store.observability.inspect()).problems.map(
  ({ code, message }) => `${code}: ${message}`,
);
await store.close();
console.log(JSON.stringify(said));
