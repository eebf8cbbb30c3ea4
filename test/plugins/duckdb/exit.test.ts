import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { buildPackage } from '../../kit/built-package.ts';
import { scratchDirectory } from './opened.ts';

const APPLICATION = fileURLToPath(new URL('./children/application.mjs', import.meta.url));
/** What the child emits of each signal; of spans, two more that still run. */
const EMITTED = 400;

describe('a process that ends without a shutdown', () => {
  const directory = scratchDirectory();
  const ends = [
    ['before the start', 3],
    ['while writing', 3],
    ['process.exit()', 3],
    ['uncaught error', 1],
    ['unhandled rejection', 1],
  ] as const;

  before(async function () {
    this.timeout(60_000);
    await buildPackage();
  });

  for (const [end, exitCode] of ends) {
    it(`has everything it emitted in the file, and its own exit code: ${end}`, async () => {
      const path = `${directory()}/${end.replaceAll(' ', '-')}/obs.duckdb`;
      const child = spawn(process.execPath, [APPLICATION, await buildPackage(), path, end], {
        stdio: 'ignore',
      });
      expect((await once(child, 'exit'))[0]).to.equal(exitCode);
      const store = new DuckDBStore({ thread: 'main', path });
      await store.init();
      const { signals } = await store.observability.getStats();
      await store.close();
      expect(Object.fromEntries(signals.map(({ signal, records }) => [signal, records]))).to.deep.equal({
        tracing: EMITTED + 2,
        metrics: EMITTED,
        logs: EMITTED,
        scores: EMITTED,
        feedback: EMITTED,
      });
    });
  }
});
