import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { buildPackage } from '../kit/built-package.ts';
import { createWorkplace, type Workplace } from './installed.ts';
import { fillStore, LOGS, SPANS } from './stored.ts';

/** Logs and traces of the stored time are too old for it. */
const CONFIG = {
  plugins: {
    local: {
      use: 'duckdb',
      options: {
        path: 'obs.duckdb',
        retention: { tracing: { maxAgeDays: 1 }, logs: { maxAgeDays: 1 }, scores: { maxAgeDays: 40_000 } },
      },
    },
  },
};

/** Makes a file say that it has another schema version. */
async function setVersion(path: string, version: number): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(`UPDATE obs_meta SET value = '${version}' WHERE key = 'schema_version'`);
  connection.closeSync();
  instance.closeSync();
}

describe('the commands that take care of a store', function () {
  this.timeout(60_000);
  let place: Workplace;
  let file: string;

  before(async function () {
    this.timeout(120_000);
    await buildPackage();
    place = await createWorkplace(CONFIG);
    file = join(place.dir, 'obs.duckdb');
    await fillStore(place.dir);
  });
  after(() => place?.remove());

  it('obs migrate --dry-run says what opening would do, and leaves the file as it is', async () => {
    await setVersion(file, 1);
    const older = readFileSync(file);
    const dry = await place.obs(['migrate', '--dry-run', '--no-json']);
    expect(dry).to.deep.equal({
      code: 0,
      stdout: 'schema version 1 would become 2, with a copy of the file as it is now\n',
      stderr: '',
    });
    expect(readFileSync(file).equals(older)).to.equal(true);
    await setVersion(file, 99);
    const newer = await place.obs(['migrate', '--dry-run']);
    expect(newer.code).to.equal(1);
    expect(newer.stderr).to.match(/^OBS_STORE_NEWER: /);
    await setVersion(file, 2);
    expect(await place.json(['migrate'])).to.deep.equal([{ isDryRun: false, from: 2, to: 2 }]);
  });

  it('obs doctor shows owner, files and tables, and ends with 0 when nothing is wrong', async () => {
    const { code, stdout } = await place.obs(['doctor', '--no-json'], { env: { COLUMNS: '160' } });
    expect(code).to.equal(0);
    expect(stdout).to.contain(`${file}  schema version 2  nobody else has it open\n`);
    expect(stdout).to.match(/^database +[\d.]+ MB +\//m);
    expect(stdout).to.match(new RegExp(`^obs_spans +${SPANS.length} +\\d+ kB$`, 'm'));
    expect(stdout).to.match(/\n\nok\n$/);
  });

  it('obs doctor ends with 1 and says what to do about damage', async () => {
    writeFileSync(`${file}.wal`, 'this is no log of a database'.repeat(100), { mode: 0o600 });
    const { code, stdout } = await place.obs(['doctor', '--no-json'], { env: { COLUMNS: '160' } });
    expect(code).to.equal(1);
    expect(stdout).to.match(/^set aside +2\.8 kB +\//m);
    expect(stdout).to.match(/\n1 problem\nOBS_STORE_CORRUPT: .+ was damaged.+\n {2}hint: .+\n$/);
  });

  it('obs prune deletes what is too old, or says what that would be', async () => {
    const dry = await place.obs(['prune', '--dry-run', '--no-json']);
    const [report] = await place.json(['prune']);
    const again = await place.obs(['prune', '--no-json']);
    expect(dry.stdout).to.match(/^tracing: 13 records would go \(too old, before [\d: -]+\)$/m);
    expect(dry.stdout).to.match(/\n6 whole traces would go\n$/);
    expect(report).to.deep.include({ isDryRun: false, traces: 6 });
    expect(
      (report!['deleted'] as { signal: string; records: number }[]).map(({ signal, records }) => [
        signal,
        records,
      ]),
    )
      .to.deep.include(['tracing', SPANS.length])
      .and.to.deep.include(['logs', LOGS.length])
      .and.not.to.deep.include(['scores', 3]);
    expect(again.stdout).to.equal('nothing to delete\n');
  });

  it('obs compact says how much it gave back', async () => {
    const { code, stdout } = await place.obs(['compact', '--no-json']);
    expect(code).to.equal(0);
    expect(stdout).to.match(/^[\d.]+ MB before, [\d.]+ [kM]B now: [\d.]+ [kM]?B given back\n$/);
  });
});
