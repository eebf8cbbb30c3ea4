import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { Database } from '../../../plugins/duckdb/file/database.ts';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { runPlace } from '../../../plugins/duckdb/owner/run-file.ts';
import { scratchDirectory } from './opened.ts';
import { log, span, traceId } from './records.ts';

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const runFile = (path: string): string => runPlace(path).runFile;
const refusal = (path: string) =>
  new DuckDBStore({ thread: 'main', path }).init().then(
    () => 'opened',
    (error) => error,
  );

describe('opening a DuckDB file', () => {
  const directory = scratchDirectory();
  let path: string;
  let n = 0;
  beforeEach(() => {
    path = join(directory(), `case-${n++}`, 'obs.duckdb');
  });
  const inExistingDirectory = () => mkdirSync(dirname(path), { recursive: true });

  it('makes directory, file, log and lock private whatever the umask, and keeps them out of git', async () => {
    const umask = process.umask(0);
    const store = new DuckDBStore({ thread: 'main', path });
    try {
      await store.init();
      await store.observability.createSpan({ span: span(0, 0) });
      expect(modeOf(dirname(path))).to.equal('700');
      expect(readFileSync(join(dirname(path), '.gitignore'), 'utf8')).to.equal('*\n');
      for (const file of [path, `${path}.wal`, runFile(path)]) expect(modeOf(file), file).to.equal('600');
      await store.close();
      await store.init();
      await store.observability.createSpan({ span: span(1, 0) });
      expect(modeOf(`${path}.wal`)).to.equal('600');
    } finally {
      await store.close();
      process.umask(umask);
    }
  });

  it('leaves a directory that exists as it is', async () => {
    inExistingDirectory();
    chmodSync(dirname(path), 0o755);
    const store = new DuckDBStore({ thread: 'main', path });
    await store.init();
    await store.close();
    expect(modeOf(dirname(path))).to.equal('755');
    expect(readdirSync(dirname(path))).to.deep.equal(['obs.duckdb']);
  });

  it('a path may hold quotes and spaces', async () => {
    const odd = join(dirname(path), `it's "a" path; --.duckdb`);
    const store = new DuckDBStore({ thread: 'main', path: odd });
    await store.init();
    await store.observability.createSpan({ span: span(0, 0) });
    await store.close();
    expect(existsSync(odd)).to.equal(true);
  });

  it('may be asked for again: while it opens, when it is open, after it was closed', async () => {
    const store = new DuckDBStore({ thread: 'main', path });
    await Promise.all([store.init(), store.init()]);
    await store.init();
    await store.observability.createSpan({ span: span(0, 0) });
    await Promise.all([store.close(), store.close()]);
    await store.close();
    await store.init();
    expect((await store.observability.listTraces()).pagination.total).to.equal(1);
    await store.close();
  });

  it('answers and stores nothing before it is open and after it was closed', async () => {
    const store = new DuckDBStore({ thread: 'main', path });
    const calls = () => [
      store.observability.listTraces(),
      store.observability.getTrace({ traceId: traceId(0) }),
      store.observability.batchCreateLogs({ records: [log(0)] }),
      store.observability.dangerouslyClearAll(),
    ];
    const codes = async () =>
      (await Promise.allSettled(calls())).map((outcome) => (outcome as PromiseRejectedResult).reason?.code);
    const closed = Array(4).fill('OBS_STORE_CLOSED');
    expect(await codes()).to.deep.equal(closed);
    await store.init();
    await store.close();
    expect(await codes()).to.deep.equal(closed);
  });

  it('what was asked for before close is done and answered', async () => {
    const store = new DuckDBStore({ thread: 'main', path });
    await store.init();
    const records = Array.from({ length: 1_500 }, (_, n) => span(0, n));
    const writing = store.observability.batchCreateSpans({ records });
    const reading = store.observability.listTraces();
    await store.close();
    expect(await writing).to.deep.equal({ rejected: [] });
    expect((await reading).pagination.page).to.equal(0);
    expect(existsSync(`${path}.wal`), 'the log is folded into the file').to.equal(false);
    await store.init();
    expect((await store.observability.listTraces()).spans[0]?.spanCount).to.equal(1_500);
    await store.close();
  });

  it('a file of a newer schema is refused and not touched', async () => {
    const database = new Database({ path, memoryLimit: '128MB', threads: 1 });
    await database.open();
    await database.write((connection) => connection.run("UPDATE obs_meta SET value = '3'"));
    // Not closed yet: the new version is in the log only.
    const copy = join(dirname(path), 'copy.duckdb');
    for (const end of ['', '.wal']) copyFileSync(path + end, copy + end);
    await database.close();
    for (const file of [path, copy]) {
      const before = [file, `${file}.wal`].filter(existsSync).map(hashOf);
      const error = await refusal(file);
      expect(error).to.have.property('code', 'OBS_STORE_NEWER');
      expect(error.message).to.match(/schema version 3, this release knows 2/);
      expect([file, `${file}.wal`].filter(existsSync).map(hashOf)).to.deep.equal(before);
      expect(existsSync(runFile(file))).to.equal(false);
    }
  });

  it('a file that is no database is refused and not touched', async () => {
    inExistingDirectory();
    writeFileSync(path, 'not a database '.repeat(5_000));
    const before = hashOf(path);
    const error = await refusal(path);
    expect(error).to.have.property('code', 'OBS_STORE_CORRUPT');
    expect(error.message).to.contain(path);
    expect(hashOf(path)).to.equal(before);
    expect(readdirSync(dirname(path))).to.deep.equal(['obs.duckdb']);
  });

  it('a database of another program is refused and not touched', async () => {
    inExistingDirectory();
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run('CREATE TABLE mastra_ai_spans (id VARCHAR)');
    connection.closeSync();
    instance.closeSync();
    const before = hashOf(path);
    const error = await refusal(path);
    expect(error).to.have.property('code', 'OBS_STORE_CORRUPT');
    expect(error.message).to.match(/tables of another program: mastra_ai_spans/);
    expect(hashOf(path)).to.equal(before);
  });

  it('a database without tables is taken', async () => {
    inExistingDirectory();
    const instance = await DuckDBInstance.create(path);
    instance.closeSync();
    expect(existsSync(path)).to.equal(true);
    const store = new DuckDBStore({ thread: 'main', path });
    await store.init();
    await store.observability.createSpan({ span: span(0, 0, { input: 'x'.repeat(9_000) }) });
    await store.close();
  });

  it('a path that cannot be written is refused, and works once that is mended', async () => {
    const parent = dirname(path);
    writeFileSync(parent, 'a file where the directory should be');
    const store = new DuckDBStore({ thread: 'main', path });
    const error = await store.init().catch((refused) => refused);
    expect(error).to.have.property('code', 'OBS_STORE_PATH');
    expect(error.message).to.contain(path);
    rmSync(parent);
    await store.init();
    await store.observability.createSpan({ span: span(0, 0) });
    await store.close();
  });

  it('a directory in the place of the file is refused', async () => {
    mkdirSync(path, { recursive: true });
    expect(await refusal(path)).to.have.property('code', 'OBS_STORE_PATH');
  });

  it('a directory without permission to write is refused', async function () {
    if (process.getuid?.() === 0) this.skip();
    inExistingDirectory();
    chmodSync(dirname(path), 0o500);
    expect(await refusal(path)).to.have.property('code', 'OBS_STORE_PATH');
    chmodSync(dirname(path), 0o700);
  });

  it('wrong options are all named', () => {
    const wrong = { path: '', memoryLimit: 'lots', threads: 0, colour: 'red' } as never;
    expect(() => new DuckDBStore(wrong)).to.throw(/OBS_PLUGIN_OPTIONS.*path.*memoryLimit.*threads.*colour/);
  });

  it('in memory there is no file, and each store is its own', async () => {
    const stores = [
      new DuckDBStore({ thread: 'main', path: ':memory:' }),
      new DuckDBStore({ thread: 'main', path: ':memory:' }),
    ];
    for (const store of stores) await store.init();
    await stores[0]!.observability.createSpan({ span: span(0, 0) });
    expect((await stores[0]!.observability.listTraces()).pagination.total).to.equal(1);
    expect((await stores[1]!.observability.listTraces()).pagination.total).to.equal(0);
    for (const store of stores) await store.close();
    expect(existsSync(':memory:')).to.equal(false);
  });
});
