import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId as thisThread, Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { currentThread, isThreadRunning } from '../../../core/index.ts';
import { prepareFile } from '../../../plugins/duckdb/file/place.ts';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { join as joinOwner } from '../../../plugins/duckdb/owner/join.ts';
import { type FileLock, readOwner, takeOver, tryLock } from '../../../plugins/duckdb/owner/lock.ts';
import { type RunPlace, runPlace } from '../../../plugins/duckdb/owner/run-file.ts';
import { scratchDirectory } from './opened.ts';
import { span } from './records.ts';
import { storeProcesses } from './store-process.ts';

const OPTIONS = { memoryLimit: '64MB', threads: 1 };
const DEAD = { ...currentThread(), pid: 2 ** 22 + 1, systemThread: 1, threadStart: 'never', token: 'x' };

describe('a DuckDB file has one owner', () => {
  const directory = scratchDirectory();
  const start = storeProcesses();
  let path: string;
  let place: RunPlace;
  let n = 0;
  const locks: FileLock[] = [];
  const stores: DuckDBStore[] = [];

  const lock = (at = place): FileLock | undefined => {
    const taken = tryLock(at);
    if (taken) locks.push(taken);
    return taken;
  };
  const store = (at = path): DuckDBStore => {
    const made = new DuckDBStore({ path: at, thread: 'main' });
    stores.push(made);
    return made;
  };
  const total = async ({ observability }: DuckDBStore) => (await observability.listTraces()).pagination.total;

  beforeEach(() => {
    path = join(directory(), `owned-${n++}.duckdb`);
    place = runPlace(prepareFile(path).path);
  });
  afterEach(async () => {
    for (const opened of stores.splice(0)) await opened.close();
    for (const taken of locks.splice(0)) taken.release();
  });

  it('only one can have the lock, until it is released', () => {
    const first = lock();
    expect(first?.owner.pid).to.equal(process.pid);
    expect(lock()).to.equal(undefined);
    first?.release();
    expect(existsSync(place.runFile)).to.equal(false);
    expect(lock()).not.to.equal(undefined);
    first?.release();
    expect(existsSync(place.runFile), 'of somebody else now').to.equal(true);
  });

  it('the run file names process, thread, start time, socket and schema, for its user alone', async () => {
    await store().init();
    const run = JSON.parse(readFileSync(place.runFile, 'utf8'));
    expect(run).to.include({ pid: process.pid, threadId: thisThread, socket: place.socket });
    expect(run.schemaVersion).to.be.a('number');
    expect(run.token).to.match(/^[0-9a-f]{48}$/);
    expect(Math.abs(run.processStart - (Date.now() - process.uptime() * 1000))).to.be.lessThan(2_000);
    expect(Date.now() - Date.parse(run.since)).to.be.within(0, 10_000);
    for (const file of [place.runFile, place.socket]) expect(statSync(file).mode & 0o777).to.equal(0o600);
    await stores.pop()?.close();
    expect(readdirSync(directory()).filter((name) => name.startsWith(`owned-${n - 1}`))).to.deep.equal([
      `owned-${n - 1}.duckdb`,
    ]);
  });

  it('the file of .obs is described in run.json, any other under its own name', () => {
    expect(runPlace('/a/.obs/obs.duckdb').runFile).to.equal(join('/a/.obs', 'run.json'));
    expect(runPlace('/a/other.duckdb').runFile).to.equal(join('/a', 'other.duckdb.run.json'));
  });

  it('a socket whose path the system would not take lies in the directory for temporary files', async () => {
    const deep = join(directory(), 'd'.repeat(120), 'obs.duckdb');
    const { socket } = runPlace(deep);
    expect(socket).to.match(/obs-[0-9a-f]{24}\.sock$/);
    expect(socket.startsWith(tmpdir())).to.equal(true);
    const [first, second] = [store(deep), store(deep)];
    await first.init();
    await second.init();
    await second.observability.createSpan({ span: span(0, 0) });
    expect(await total(first)).to.equal(1);
  });

  it('the same file by another name is the same file', async () => {
    const first = store();
    await first.init();
    const link = join(directory(), `link-${n}.duckdb`);
    symlinkSync(path, link);
    const second = store(link);
    await second.init();
    await second.observability.createSpan({ span: span(0, 0) });
    expect(await total(first)).to.equal(1);
  });

  it('another copy of this module in the thread sees the owner although the run file is gone', async () => {
    lock();
    unlinkSync(place.runFile);
    const copy: typeof import('../../../plugins/duckdb/owner/lock.ts') = await import(
      `${new URL('../../../plugins/duckdb/owner/lock.ts', import.meta.url).href}?copy`
    );
    expect(copy.tryLock).not.to.equal(tryLock);
    expect(copy.tryLock(place)).to.equal(undefined);
  });

  it('a file that any thread of this process has open is left alone although the run file is gone', function () {
    if (process.platform !== 'linux') this.skip();
    const descriptor = openSync(place.database, 'w');
    expect(lock()).to.equal(undefined);
    closeSync(descriptor);
    expect(lock()).not.to.equal(undefined);
  });

  it('many that open at once: one owns it, all work', async () => {
    writeFileSync(place.runFile, JSON.stringify(DEAD));
    const all = Array.from({ length: 5 }, () => store());
    await Promise.all(all.map((one) => one.init()));
    await Promise.all(all.map((one, i) => one.observability.createSpan({ span: span(i, 0) })));
    for (const one of all) expect(await total(one)).to.equal(5);
    expect(readdirSync(directory()).filter((name) => name.includes('claim'))).to.deep.equal([]);
  });

  it('a process number that was used again is no owner', function () {
    if (process.platform !== 'linux') this.skip();
    writeFileSync(place.runFile, JSON.stringify({ ...currentThread(), threadStart: '1', token: 'x' }));
    expect(lock()?.owner.token).not.to.equal('x');
  });

  it('a run file that names nobody is being written, or, when it is older, was left unfinished', () => {
    writeFileSync(place.runFile, '');
    expect(lock()).to.equal(undefined);
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(place.runFile, longAgo, longAgo);
    expect(lock()).not.to.equal(undefined);
    expect(readOwner(place)?.pid).to.equal(process.pid);
  });

  it('the lock of a worker thread is its own until it ends', async function () {
    if (process.platform !== 'linux') this.skip();
    const worker = new Worker(IDENTIFY, { eval: true, execArgv: [] });
    const [found] = await once(worker, 'message');
    writeFileSync(place.runFile, JSON.stringify({ ...currentThread(), ...found, token: 'x' }));
    expect(lock()).to.equal(undefined);
    await worker.terminate();
    expect(lock()).not.to.equal(undefined);
  });

  it('a file that DuckDB finds locked by a process without a run file is busy', async () => {
    const other = await start(path);
    await other.do('open');
    unlinkSync(place.runFile);
    unlinkSync(place.socket);
    const error = await store()
      .init()
      .catch((refused) => refused);
    expect(error).to.have.property('code', 'OBS_STORE_BUSY');
    expect(error.message).to.match(new RegExp(`PID ${other.child.pid}`));
    expect(existsSync(place.runFile)).to.equal(false);
  });

  it('an owner that runs but does not answer is named, with what to do', async () => {
    const owner = { ...currentThread(), since: '2026-01-01T00:00:00.000Z', socket: place.socket, token: 'x' };
    writeFileSync(place.runFile, JSON.stringify(owner));
    const error = await joinOwner({ ...OPTIONS, path }, () => {}, 100).catch((refused) => refused);
    expect(error).to.have.property('code', 'OBS_STORE_BUSY');
    expect(error.message).to.match(
      new RegExp(`open in this process \\(${process.pid}\\), main thread, since 2026-01-01.*not answer`),
    );
    expect(error.hint).to.match(/owner/);
    expect(readOwner(place)?.token, 'its lock is untouched').to.equal('x');
  });

  it('who comes late to a takeover finds the new owner and leaves the lock to him', () => {
    writeFileSync(place.runFile, 'the new owner');
    expect(takeOver(place.runFile, 'the dead owner', 'me')).to.equal(false);
    expect(readFileSync(place.runFile, 'utf8')).to.equal('the new owner');
    expect(existsSync(`${place.runFile}.claim`)).to.equal(false);
  });

  it('a takeover under way is left alone, one that was cut short is cleared away', () => {
    const claim = `${place.runFile}.claim`;
    writeFileSync(place.runFile, 'the dead owner');
    writeFileSync(claim, 'another');
    expect(takeOver(place.runFile, 'the dead owner', 'me')).to.equal(false);
    expect(readFileSync(claim, 'utf8')).to.equal('another');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(claim, longAgo, longAgo);
    expect(takeOver(place.runFile, 'the dead owner', 'me')).to.equal(false);
    expect(takeOver(place.runFile, 'the dead owner', 'me')).to.equal(true);
    expect(readFileSync(place.runFile, 'utf8')).to.equal('me');
    expect(existsSync(claim)).to.equal(false);
  });

  it('where the system does not tell threads apart, the start of the process tells it from an earlier one', async () => {
    const { systemThread: _, threadStart: _start, ...bare } = currentThread();
    expect(isThreadRunning(bare)).to.equal(true);
    expect(isThreadRunning({ ...bare, processStart: bare.processStart - 60_000 })).to.equal(false);
    const other = await start(path);
    const asSeenElsewhere = { ...bare, pid: other.child.pid! };
    expect(isThreadRunning(asSeenElsewhere)).to.equal(true);
    await other.kill();
    expect(isThreadRunning(asSeenElsewhere)).to.equal(false);
  });
});

/** What a thread is called by the system, found without our sources, which would be compiled anew. */
const IDENTIFY = `
  const { readFileSync, readlinkSync } = require('node:fs');
  const { parentPort, threadId } = require('node:worker_threads');
  const systemThread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  const stat = readFileSync('/proc/thread-self/stat', 'utf8');
  const threadStart = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  parentPort.on('message', () => {});
  parentPort.postMessage({ threadId, systemThread, threadStart });
`;
