import { writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes batches of spans without an end and says the number of each that is stored, until it is killed:
 * `node crash-writer.mjs <package> <database> <first batch> <spans of a batch> <milliseconds of the first>`.
 */
const [packagePath, path, first, size, startMs] = process.argv.slice(2);
const { DuckDBStore } = await import(join(packagePath, 'dist', 'plugins', 'duckdb', 'index.js'));
const { spansOf } = await import('./crash-spans.mjs');
const store = new DuckDBStore({ path });
await store.init();

const AT_ONCE = 4;
async function writeFrom(batch) {
  for (let n = batch; ; n += AT_ONCE) {
    await store.observability.batchCreateSpans({ records: spansOf(n, Number(size), Number(startMs)) });
    // Not through a stream: what is said is said before the next batch.
    writeSync(1, `${n}\n`);
  }
}
for (let n = 0; n < AT_ONCE; n++) void writeFrom(Number(first) + n);
