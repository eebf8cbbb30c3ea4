// The long proofs: the same tests as always with many more cases. `npm run soak` takes about an hour.
import { spawnSync } from 'node:child_process';

const LONG = {
  /** Histories in any order against a plain reference. */
  OBS_TEST_CASES: '5000',
  /** Processes killed while they write. */
  OBS_TEST_KILLS: '200',
  /** Rows in each of the ways to open a file twice. */
  OBS_TEST_ROWS: '60000',
  /** Processes with a spool that are killed, and the most events of one round of each. */
  OBS_TEST_SPOOL_KILLS: '200',
  OBS_TEST_SPOOL_EVENTS: '3000',
  /** Histories of a spool on the disk of a model. */
  OBS_TEST_SEQUENCES: '100000',
  /** Bytes of a segment that are damaged one by one. */
  OBS_TEST_DAMAGED_BYTES: '65536',
};
const TESTS = [
  ...['any-order', 'crash', 'sharing'].map((name) => `test/plugins/duckdb/${name}.test.ts`),
  ...['kill', 'spool-model', 'damage'].map((name) => `test/faults/${name}.test.ts`),
];

const { status } = spawnSync(process.execPath, ['node_modules/mocha/bin/mocha.js', ...TESTS], {
  stdio: 'inherit',
  env: { ...LONG, ...process.env },
});
process.exitCode = status ?? 1;
