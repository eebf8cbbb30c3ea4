import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { HealthReport } from '../../../core/index.ts';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { scratchDirectory } from './opened.ts';
import { storeProcesses } from './store-process.ts';

describe('when the owner of a DuckDB file ends', () => {
  const directory = scratchDirectory();
  const start = storeProcesses();
  let path: string;
  let n = 0;
  beforeEach(() => {
    path = join(directory(), `${n++}`, 'obs.duckdb');
  });
  const ownerPid = (): number =>
    JSON.parse(readFileSync(join(directory(), `${n - 1}`, 'run.json'), 'utf8')).pid;
  const storedHere = async (): Promise<number> => {
    const store = new DuckDBStore({ path, thread: 'main' });
    await store.init();
    const { total } = (await store.observability.listLogs()).pagination;
    await store.close();
    return total;
  };

  it('killed while another process writes, that one takes over within 2 s and nothing stored is lost', async () => {
    const [owner, other] = await Promise.all([start(path), start(path)]);
    await owner.do('open');
    await owner.do('write', 0, 50);
    await other.do('open');
    expect(ownerPid()).to.equal(owner.child.pid);
    const { owner: who } = await other.do<HealthReport>('inspect');
    expect(who).to.include({ pid: owner.child.pid, isThisProcess: false });
    const writing = other.do<number>('write', 1_000, 150);
    await other.event('writing');
    await owner.kill();
    const longestMs = await writing;
    expect(longestMs).to.be.lessThan(2_000);
    expect(ownerPid()).to.equal(other.child.pid);
    expect(await other.do('count')).to.equal(200);
    await other.do('close');
    expect(await storedHere()).to.equal(200);
  });

  it('of several others one becomes the owner, and all go on', async () => {
    const [owner, ...others] = await Promise.all([1, 2, 3, 4].map(() => start(path)));
    await owner!.do('open');
    await Promise.all(others.map((other) => other.do('open')));
    const writing = others.map((other, index) => other.do<number>('write', index * 1_000, 60));
    await Promise.all(others.map((other) => other.event('writing')));
    await owner!.kill();
    expect(Math.max(...(await Promise.all(writing)))).to.be.lessThan(2_000);
    expect(others.map(({ child }) => child.pid)).to.include(ownerPid());
    for (const other of others) expect(await other.do('count')).to.equal(180);
  });

  it('killed with nobody else there, what it left behind stops nobody', async () => {
    const owner = await start(path);
    await owner.do('open');
    await owner.do('write', 0, 20);
    await owner.kill();
    expect(existsSync(`${path}.sock`)).to.equal(true);
    expect(existsSync(join(directory(), `${n - 1}`, 'run.json'))).to.equal(true);
    expect(await storedHere()).to.equal(20);
    expect(existsSync(`${path}.sock`)).to.equal(false);
  });

  it('by itself, who is attached goes on at once', async () => {
    const [owner, other] = await Promise.all([start(path), start(path)]);
    await owner.do('open');
    await other.do('open');
    const writing = other.do<number>('write', 0, 100);
    await other.event('writing');
    await owner.do('close');
    expect(await writing).to.be.lessThan(2_000);
    expect(await other.do('count')).to.equal(100);
    await owner.do('open');
    expect(await owner.do('count')).to.equal(100);
    expect(ownerPid()).to.equal(other.child.pid);
  });
});

describe('a process with a DuckDB store', () => {
  const directory = scratchDirectory();
  const start = storeProcesses();
  let path: string;
  let n = 0;
  beforeEach(() => {
    path = join(directory(), `end-${n++}`, 'obs.duckdb');
  });
  const stored = async (): Promise<number> => {
    const process = await start(path);
    await process.do('open');
    const total = await process.do<number>('count');
    await process.do('close');
    return total;
  };

  it('ends by itself although the store is open, both as the owner and attached', async () => {
    const [owner, other] = await Promise.all([start(path), start(path)]);
    await owner.do('open');
    await other.do('open');
    await other.do('write', 0, 5);
    other.child.send(['leave']);
    expect(await other.ended()).to.equal(0);
    owner.child.send(['leave']);
    expect(await owner.ended()).to.equal(0);
    expect(await stored()).to.equal(5);
  });

  it('ends by itself only when what it asked for is done', async () => {
    const process = await start(path);
    await process.do('open');
    process.child.send(['post', 0, 200]);
    process.child.send(['leave']);
    expect(await process.ended()).to.equal(0);
    expect(await stored()).to.equal(200);
  });

  const ends: [what: string, order: unknown[], code: number][] = [
    ['process.exit(3)', ['exit', 3], 3],
    ['an uncaught error', ['throw'], 1],
  ];
  for (const [what, order, code] of ends) {
    it(`stores what is left at ${what}, after what was on its way, and keeps the exit code`, async () => {
      const process = await start(path);
      await process.do('open');
      await process.do('at exit', 1_000, 400);
      process.child.send(['post', 0, 200]);
      process.child.send(order);
      expect(await process.ended()).to.equal(code);
      expect(await process.output).to.equal('stored: true');
      expect(await stored()).to.equal(600);
    });

    it(`stores it also through the owner at ${what}`, async () => {
      const [owner, process] = await Promise.all([start(path), start(path)]);
      await owner.do('open');
      await process.do('open');
      await process.do('at exit', 1_000, 400);
      process.child.send(['post', 0, 200]);
      process.child.send(order);
      expect(await process.ended()).to.equal(code);
      expect(await process.output).to.equal('stored: true');
      expect(await owner.do('count')).to.equal(600);
    });
  }

  it('keeps its exit code in the midst of writes of its own and of others, and leaves nothing behind', async () => {
    const [owner, other] = await Promise.all([start(path), start(path)]);
    await owner.do('open');
    await other.do('open');
    const writing = other.do('write', 5_000, 60);
    await other.event('writing');
    owner.child.send(['post', 0, 2_000]);
    owner.child.send(['exit', 3]);
    expect(await owner.ended()).to.equal(3);
    await writing;
    expect(await other.do<number>('count')).to.be.within(60, 2_060);
    await other.do('close');
    expect(readdirSync(dirname(path)).sort()).to.deep.equal(['.gitignore', 'obs.duckdb']);
  });

  it('says that what is left is not stored when the store is not open', async () => {
    const process = await start(path);
    await process.do('at exit', 0, 10);
    process.child.send(['exit', 0]);
    expect(await process.ended()).to.equal(0);
    expect(await process.output).to.equal('stored: false');
  });
});
