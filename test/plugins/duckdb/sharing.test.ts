import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { buildPackage } from '../../kit/built-package.ts';
import { scratchDirectory } from './opened.ts';

const WRITER = fileURLToPath(new URL('./children/shared-writer.mjs', import.meta.url));
/** Rows of each writer; a soak sets it to 60000. */
const ROWS = Number(process.env['OBS_TEST_ROWS'] ?? 2_000);

/** Runs a writer to its end and gives what it said of failures. */
async function run(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [WRITER, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return code === 0 ? errors : `exit code ${code}: ${errors}`;
}

/** What is in the file, read without any of our code. */
async function counted(path: string): Promise<{ rows: number; ids: number }> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll('SELECT count(*), count(DISTINCT id) FROM obs_logs');
  const [rows, ids] = reader.getRows()[0]!.map(Number);
  connection.closeSync();
  instance.closeSync();
  return { rows: rows!, ids: ids! };
}

describe('one DuckDB file opened more than once: no error, nothing lost, nothing twice', function () {
  this.timeout(60_000 + ROWS * 20);
  const directory = scratchDirectory();
  let packagePath: string;
  before(async () => {
    packagePath = await buildPackage();
  });

  const shares = async (name: string, writers: number, write: (path: string) => Promise<string[]>) => {
    const path = join(directory(), name, 'obs.duckdb');
    expect(await write(path)).to.deep.equal(Array(1).fill(''));
    expect(await counted(path)).to.deep.equal({ rows: writers * ROWS, ids: writers * ROWS });
    expect(existsSync(join(directory(), name, 'run.json'))).to.equal(false);
    expect(existsSync(`${path}.sock`)).to.equal(false);
  };
  const inOne = (way: string) => async (path: string) => [await run(way, packagePath, path, `${ROWS}`)];

  it('by a second process', () =>
    shares('processes', 2, async (path) => {
      const said = [0, ROWS].map((first) => run('one', packagePath, path, `${ROWS}`, `${first}`));
      return [(await Promise.all(said)).join('')];
    }));

  it('by a forked child', () => shares('fork', 2, inOne('fork')));
  it('by the four workers of a cluster', () => shares('cluster', 4, inOne('cluster')));
  it('by worker threads', () => shares('threads', 3, inOne('threads')));
  it('by two copies of the package in one process', () => shares('import', 2, inOne('double import')));
  it('by the next store before the last one is closed, as in a hot reload', () =>
    shares('reload', 1, inOne('hot reload')));
});
