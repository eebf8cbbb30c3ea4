import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { createObs } from '../../../core/index.ts';
import { Database } from '../../../plugins/duckdb/file/database.ts';
import { DuckDBStore, duckdb } from '../../../plugins/duckdb/index.ts';
import { scratchDirectory } from './opened.ts';
import { log, span } from './records.ts';
import { storeProcesses } from './store-process.ts';

const text = (i: number) => Array.from({ length: 40 }, (_, k) => Math.sin(i * 41 + k)).join(' ');
const logs = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) =>
    log(from + i, { record: { level: 'info', message: text(from + i) } }),
  );

const canLimit = (): boolean => {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
/** What a full disk is to one process: no file of it may grow beyond so many bytes. */
const limitFiles = (pid: number, bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);

describe('damage', () => {
  const directory = scratchDirectory();
  const startProcess = storeProcesses();
  let path: string;
  let n = 0;
  const open: DuckDBStore[] = [];
  beforeEach(() => {
    path = join(directory(), `damaged-${n++}`, 'obs.duckdb');
  });
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
  });

  const opened = async (at = path) => {
    const store = new DuckDBStore({ thread: 'main', path: at });
    open.push(store);
    await store.init();
    return store.observability;
  };
  const close = () => open.pop()!.close();
  const count = async (store: DuckDBStore['observability']) => (await store.listLogs()).pagination.total;
  const beside = () => readdirSync(dirname(path)).filter((name) => name.startsWith('obs.duckdb'));
  const asideOf = (end: string) => beside().filter((name) => name.startsWith(`obs.duckdb${end}.broken-`));

  /** A database with 100 lines in the file, and as a crash leaves it, ten commits of 100 lines in its log. */
  const crashed = async () => {
    const whole = join(dirname(path), 'whole.duckdb');
    const store = await opened(whole);
    await store.batchCreateLogs({ records: logs(0, 100) });
    await close();
    const again = await opened(whole);
    for (let k = 1; k <= 10; k++) await again.batchCreateLogs({ records: logs(k * 100, 100) });
    for (const end of ['', '.wal']) copyFileSync(whole + end, path + end);
    await close();
    rmSync(whole);
    return { log: readFileSync(`${path}.wal`), logPath: `${path}.wal` };
  };
  const flip = (bytes: Buffer, ...at: number[]) => {
    const damaged = Buffer.from(bytes);
    for (const position of at) damaged[position]! ^= 0xff;
    return damaged;
  };

  describe('of the log', () => {
    it('is said once by the host when it opens the file, with what became of it', async () => {
      const { log: bytes, logPath } = await crashed();
      writeFileSync(logPath, flip(bytes, Math.floor(bytes.length * 0.55)));
      const said: string[] = [];
      const config = { plugins: { local: duckdb({ thread: 'main', path }) } };
      const obs = await createObs(
        {},
        { config, env: {}, environment: 'production', warn: (line) => said.push(line) },
      );
      await obs.flush();
      await obs.shutdown();
      const damage = said.filter((message) => message.includes('was damaged'));
      expect(damage).to.have.lengthOf(1);
      expect(damage[0]).to.contain('local').and.to.contain(asideOf('.wal')[0]);
    });

    it('what stands before it is kept, the log set aside, and inspect() tells of it until it is deleted', async () => {
      const { log: bytes, logPath } = await crashed();
      writeFileSync(logPath, flip(bytes, Math.floor(bytes.length * 0.55)));
      const damaged = readFileSync(logPath);
      const startedAt = performance.now();
      let store = await opened();
      expect(performance.now() - startedAt).to.be.below(3_000);
      const kept = await count(store);
      expect(kept).to.be.within(500, 700);
      expect(kept % 100, 'whole commits').to.equal(0);
      const [aside] = asideOf('.wal');
      expect(readFileSync(join(dirname(path), aside!)).equals(damaged)).to.equal(true);
      const { problems, files } = await store.inspect();
      expect(problems.map(({ code }) => code)).to.deep.equal(['OBS_STORE_CORRUPT']);
      expect(problems[0]!.message).to.match(
        /obs\.duckdb\.wal was damaged; [1-9]\d+ of its \d+ bytes were read back/,
      );
      expect(problems[0]!.hint).to.contain(aside);
      expect(files.find(({ what }) => what === 'set aside')?.bytes).to.equal(damaged.length);
      await store.batchCreateLogs({ records: logs(0, 1_100) });
      expect(await count(store), 'what was lost can be sent again').to.equal(1_100);
      await close();
      store = await opened();
      expect(await count(store)).to.equal(1_100);
      expect((await store.inspect()).problems[0]!.message).to.contain('has been set aside');
      rmSync(join(dirname(path), aside!));
      expect((await store.inspect()).problems).to.deep.equal([]);
    });

    const cases: [what: string, damage: (bytes: Buffer) => Buffer, kept: number][] = [
      ['its beginning', (bytes) => Buffer.from(bytes).fill(0xa5, 0, 200), 100],
      ['all of it', () => Buffer.alloc(5_000, 0xa5), 100],
      ['its first entry', (bytes) => flip(bytes, 130), 100],
      ['several places', (bytes) => flip(bytes, Math.floor(bytes.length * 0.55), bytes.length - 900), 600],
    ];
    for (const [what, damage, kept] of cases) {
      it(`in ${what}: the store opens, and what is written then stays`, async () => {
        const { log: bytes, logPath } = await crashed();
        writeFileSync(logPath, damage(bytes));
        const store = await opened();
        expect(await count(store)).to.be.within(kept, kept + 100);
        expect(asideOf('.wal')).to.have.length(1);
        await store.createSpan({ span: span(0, 0) });
        // As a crash leaves it.
        const copy = join(dirname(path), 'copy.duckdb');
        for (const end of ['', '.wal']) if (existsSync(path + end)) copyFileSync(path + end, copy + end);
        expect((await (await opened(copy)).listTraces()).pagination.total).to.equal(1);
      });
    }

    it('an end that was cut off costs only what was not written completely, and is no damage', async () => {
      const { log: bytes, logPath } = await crashed();
      truncateSync(logPath, bytes.length - 500);
      const store = await opened();
      expect(await count(store)).to.equal(1_000);
      expect((await store.inspect()).problems).to.deep.equal([]);
    });

    it('a log without its database is set aside', async () => {
      await crashed();
      rmSync(path);
      const store = await opened();
      expect(await count(store)).to.equal(0);
      expect(asideOf('.wal')).to.have.length(1);
      expect((await store.inspect()).problems[0]!.message).to.contain('its database file is missing');
    });
  });

  describe('of the file', () => {
    const cases: [what: string, make: (good: Buffer) => Buffer][] = [
      ['half a database', (good) => good.subarray(0, good.length / 2)],
      ['a few bytes of one', (good) => good.subarray(0, 100)],
      ['flipped bits in its header', (good) => Buffer.from(good).fill(0xa5, 4_096, 12_288)],
      ['the blank of a power cut', (good) => Buffer.alloc(good.length)],
      ['nothing', () => Buffer.alloc(0)],
    ];
    for (const [what, make] of cases) {
      it(`that holds ${what}: it is set aside with its log, a new one is begun and a warning given`, async () => {
        const { log: bytes } = await crashed();
        writeFileSync(path, make(readFileSync(path)));
        const damaged = readFileSync(path);
        const store = await opened();
        await store.batchCreateLogs({ records: logs(0, 10) });
        expect(await count(store)).to.equal(10);
        const [file, fileLog] = asideOf('').sort();
        expect(readFileSync(join(dirname(path), file!)).equals(damaged)).to.equal(true);
        expect(fileLog).to.equal(`${file}.wal`);
        expect(readFileSync(join(dirname(path), fileLog!)).equals(bytes)).to.equal(true);
        const { problems } = await store.inspect();
        expect(problems).to.have.length(1);
        expect(problems[0]).to.have.property('code', 'OBS_STORE_CORRUPT');
        expect(problems[0]!.message).to.contain('a new file was begun');
        expect(problems[0]!.hint).to.contain(file);
      });
    }

    it('of another name that does not say it is a DuckDB database is refused and not touched', async () => {
      for (const bytes of [Buffer.alloc(50_000), Buffer.alloc(0), Buffer.from('my notes '.repeat(900))]) {
        const other = join(directory(), `notes-${bytes.length}.txt`);
        writeFileSync(other, bytes);
        const refused = await opened(other).catch((error) => error);
        expect(refused).to.have.property('code', 'OBS_STORE_CORRUPT');
        expect(readFileSync(other).equals(bytes)).to.equal(true);
      }
    });

    it('in the middle of a table: the rest answers, and inspect() names the table', async () => {
      const store = await opened();
      await store.batchCreateLogs({ records: logs(0, 20_000) });
      await store.createSpan({ span: span(0, 0) });
      await close();
      const bytes = readFileSync(path);
      // The text of a message lies in a block of the logs; the checksum of its block no longer fits.
      const at = Math.floor(bytes.length * 0.55);
      writeFileSync(path, Buffer.from(bytes).fill(0xa5, at, at + 64));
      const damaged = await opened();
      expect((await damaged.listTraces()).pagination.total).to.equal(1);
      const { problems } = await damaged.inspect();
      expect(problems.map(({ message }) => message).join()).to.match(
        /obs_logs cannot be read completely: .*checksum/i,
      );
    });
  });

  it('on a full disk a write fails clean, reads go on, and it resumes once there is room', async function () {
    if (!canLimit()) this.skip();
    mkdirSync(dirname(path));
    const child = await startProcess(path);
    await child.do('open');
    await child.do('write', 0, 50);
    limitFiles(child.child.pid!, statSync(`${path}.wal`).size + 2_000);
    let stored = 50;
    const failed = await (async () => {
      for (; stored < 500; stored++) await child.do('write', stored, 1);
    })().catch((error) => error);
    expect(failed).to.have.property('code', 'OBS_STORE_WRITE');
    expect(failed.message).to.match(/too large|no space/i);
    expect(await child.do('count')).to.equal(stored);
    expect(await child.do('count')).to.equal(stored);
    limitFiles(child.child.pid!, 'unlimited');
    await child.do('write', stored, 10);
    expect(await child.do('count')).to.equal(stored + 10);
    await child.kill();
    expect(await count(await opened())).to.equal(stored + 10);
  });

  it('with little room on the disk nothing is begun that could not be ended, and inspect() says so', async function () {
    const disk = join(directory(), 'small-disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
    try {
      const store = await opened(join(disk, 'obs.duckdb'));
      await store.batchCreateLogs({ records: logs(0, 100) });
      const refused = await store.compact().catch((error) => error);
      expect(refused).to.have.property('code', 'OBS_STORE_PATH');
      expect(refused.message).to.match(/a copy without gaps needs \d+\.\d MB, the disk has \d+\.\d MB/);
      expect(readdirSync(disk).filter((name) => name.includes('rewritten'))).to.deep.equal([]);
      const { problems } = await store.inspect();
      expect(problems.map(({ code }) => code)).to.deep.equal(['OBS_STORE_PATH']);
      // Fills the disk to the last byte.
      expect(() => writeFileSync(join(disk, 'full'), Buffer.alloc(30_000_000))).to.throw(/ENOSPC/);
      let stored = 100;
      const failed = await (async () => {
        for (; stored < 5_000; stored += 100) await store.batchCreateLogs({ records: logs(stored, 100) });
      })().catch((error) => error);
      expect(failed).to.have.property('code', 'OBS_STORE_WRITE');
      expect(await count(store)).to.equal(stored);
      rmSync(join(disk, 'full'));
      await store.batchCreateLogs({ records: logs(stored, 100) });
      expect(await count(store)).to.equal(stored + 100);
      await close();
      expect(await count(await opened(join(disk, 'obs.duckdb')))).to.equal(stored + 100);
      await close();
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  it('a database that DuckDB has given up is opened anew, for the next write or read', async function () {
    if (!canLimit()) this.skip();
    for (const first of ['write', 'read'] as const) {
      const at = join(dirname(path), `given-up-by-${first}.duckdb`);
      const database = new Database({ path: at, memoryLimit: '128MB', threads: 1 });
      await database.open();
      const insert = (id: number) =>
        database.write((connection) =>
          connection.run(
            `INSERT INTO obs_logs (id, "timestamp", level, message)
             SELECT '${id}-' || i, now()::TIMESTAMP, 'info', repeat(md5(i::VARCHAR), 50) FROM range(500) r(i)`,
          ),
        );
      const rows = () =>
        database.read(
          async (connection) => (await connection.runAndReadAll('SELECT count(*) FROM obs_logs')).getRows(),
          { timeoutMs: 5_000 },
        );
      await insert(0);
      limitFiles(process.pid, 4_096);
      let failure: unknown;
      try {
        failure = await database.checkpoint().catch((error) => error);
      } finally {
        limitFiles(process.pid, 'unlimited');
      }
      expect(String(failure)).to.match(/invalidated/);
      const again = await Promise.all(first === 'write' ? [rows(), insert(1)] : [insert(1), rows()]);
      expect(again).to.have.length(2);
      expect(await rows()).to.deep.equal([[1_000n]]);
      expect(database.state.checkpointFailure?.message).to.match(/invalidated/);
      await database.checkpoint();
      expect(database.state.checkpointFailure).to.equal(undefined);
      await database.close();
    }
  });
});
