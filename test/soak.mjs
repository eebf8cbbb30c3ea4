// The long proofs: the same tests as always with many more cases. `npm run soak` takes about an hour.
import { spawnSync } from 'node:child_process';

const LONG = {
  /** Histories in any order against a plain reference. */
  OBS_TEST_CASES: '5000',
  /** Processes killed while they write. */
  OBS_TEST_KILLS: '200',
  /** Rows in each of the ways to open a file twice. */
  OBS_TEST_ROWS: '60000',
  /** Events of an outage of an hour. */
  OBS_TEST_HOUR_EVENTS: '1500000',
  /** Events of a storm. */
  OBS_TEST_STORM_EVENTS: '2000000',
  /** Events of each signal beside each hostile plugin. */
  OBS_TEST_HOSTILE_EVENTS: '100000',
  /** Processes with a spool that are killed, and the most events of one round of each. */
  OBS_TEST_SPOOL_KILLS: '200',
  OBS_TEST_SPOOL_EVENTS: '3000',
  /** Histories of a spool on the disk of a model. */
  OBS_TEST_SEQUENCES: '100000',
  /** Bytes of a segment that are damaged one by one. */
  OBS_TEST_DAMAGED_BYTES: '65536',
};
const FAULTS = ['outage', 'hour', 'storm', 'hostile', 'isolation', 'kill', 'spool-model', 'damage'];
const TESTS = [
  ...['any-order', 'crash', 'sharing'].map((name) => `test/plugins/duckdb/${name}.test.ts`),
  ...FAULTS.map((name) => `test/faults/${name}.test.ts`),
];

const { status } = spawnSync(process.execPath, ['node_modules/mocha/bin/mocha.js', ...TESTS], {
  stdio: 'inherit',
  env: { ...LONG, ...process.env },
});
process.exitCode = status ?? 1;
