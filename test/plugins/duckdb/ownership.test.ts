import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { threadId as thisThread, Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { takeOver } from '../../../plugins/duckdb/owner/lock.ts';
import { currentThread, isRunning } from '../../../plugins/duckdb/owner/process-identity.ts';
import { scratchDirectory } from './opened.ts';
import { span } from './records.ts';

const OWNER = new URL('./children/owner.ts', import.meta.url);

interface Answer {
  opened?: true;
  code?: string;
  message?: string;
}

/** Sends a path to open, or `close`, and waits for what became of it. */
async function ask(owner: ChildProcess | Worker, order: string): Promise<Answer> {
  const answered = once(owner, 'message') as Promise<[Answer]>;
  if (owner instanceof Worker) owner.postMessage(order);
  else owner.send(order);
  const [answer] = await answered;
  return answer;
}

describe('a DuckDB file has one owner', () => {
  const directory = scratchDirectory();
  let path: string;
  let n = 0;
  const open: DuckDBStore[] = [];
  let child: ChildProcess;
  let worker: Worker;

  const opened = async (at = path): Promise<DuckDBStore> => {
    const store = new DuckDBStore({ path: at });
    await store.init();
    open.push(store);
    return store;
  };
  const refusal = (at = path) =>
    new DuckDBStore({ path: at }).init().then(
      () => 'opened',
      (error) => error,
    );
  const total = async (store: DuckDBStore) => (await store.observability.listTraces()).pagination.total;

  before(async function () {
    // Both compile the sources anew.
    this.timeout(120_000);
    child = fork(OWNER);
    worker = new Worker(OWNER);
    await Promise.all([once(child, 'message'), once(worker, 'message')]);
  });
  after(async () => {
    await Promise.all([kill(child), worker.terminate()]);
  });
  beforeEach(() => {
    path = join(directory(), `owned-${n++}.duckdb`);
  });
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
  });

  it('a second opener in the same thread is refused, told who owns it, and changes nothing', async () => {
    const first = await opened();
    await first.observability.createSpan({ span: span(0, 0) });
    const error = await refusal();
    expect(error).to.have.property('code', 'OBS_STORE_BUSY');
    expect(error.message).to.match(
      new RegExp(`open in this process \\(${process.pid}\\), main thread, since 20`),
    );
    expect(error.hint).to.match(/owner/);
    await first.observability.createSpan({ span: span(1, 0) });
    await first.close();
    expect(await total(await opened())).to.equal(2);
  });

  it('two that open at once: one is refused', async () => {
    const stores = [1, 2, 3].map(() => new DuckDBStore({ path }));
    const outcomes = await Promise.allSettled(stores.map((store) => store.init()));
    open.push(...stores);
    expect(outcomes.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected', 'rejected']);
  });

  it('the same file by another name is the same file', async () => {
    await opened();
    const link = join(directory(), `link-${n}.duckdb`);
    symlinkSync(path, link);
    expect(await refusal(link)).to.have.property('code', 'OBS_STORE_BUSY');
    expect(await refusal(join(directory(), '.', 'x', '..', `owned-${n - 1}.duckdb`))).to.have.property(
      'code',
      'OBS_STORE_BUSY',
    );
  });

  it('another copy of this module in the thread sees the owner although the lock file is gone', async () => {
    await opened();
    unlinkSync(`${path}.lock`);
    const copy: typeof import('../../../plugins/duckdb/owner/lock.ts') = await import(
      `${new URL('../../../plugins/duckdb/owner/lock.ts', import.meta.url).href}?copy`
    );
    const error = await copy.acquireLock(path).catch((refused) => refused);
    expect(error).to.have.property('code', 'OBS_STORE_BUSY');
  });

  it('a second process is refused by name of process and thread, and may open once the owner has closed', async () => {
    expect(await ask(child, path)).to.have.property('opened', true);
    const error = await refusal();
    expect(error).to.have.property('code', 'OBS_STORE_BUSY');
    expect(error.message).to.match(new RegExp(`open in process ${child.pid}, main thread, since 20`));
    await ask(child, 'close');
    expect(await total(await opened())).to.equal(0);
  });

  it('a child process is refused while this one is the owner', async () => {
    await opened();
    const answer = await ask(child, path);
    expect(answer.code).to.equal('OBS_STORE_BUSY');
    expect(answer.message).to.match(new RegExp(`process ${process.pid}`));
  });

  it('a worker thread is refused, and refuses', async () => {
    const mine = await opened();
    const answer = await ask(worker, path);
    expect(answer.code).to.equal('OBS_STORE_BUSY');
    expect(answer.message).to.match(/this process .*main thread/);
    await mine.close();
    expect(await ask(worker, path)).to.have.property('opened', true);
    const error = await refusal();
    expect(error).to.have.property('code', 'OBS_STORE_BUSY');
    expect(error.message).to.match(/this process .*worker thread [1-9]/);
    await ask(worker, 'close');
    expect(await total(await opened())).to.equal(0);
  });

  it('the lock names process, thread and start time, and goes with the owner', async () => {
    const store = await opened();
    const lock = JSON.parse(readFileSync(`${path}.lock`, 'utf8'));
    expect(lock).to.include({ pid: process.pid, threadId: thisThread });
    expect(Math.abs(lock.processStart - (Date.now() - process.uptime() * 1000))).to.be.lessThan(2_000);
    expect(Date.now() - Date.parse(lock.since)).to.be.within(0, 10_000);
    await store.close();
    expect(existsSync(`${path}.lock`)).to.equal(false);
  });

  it('a process number that was used again is no owner', async function () {
    if (process.platform !== 'linux') this.skip();
    const earlier = { ...currentThread(), threadStart: '1', since: '2020-01-01T00:00:00.000Z', token: 'x' };
    writeFileSync(`${path}.lock`, JSON.stringify(earlier));
    expect(await total(await opened())).to.equal(0);
  });

  it('a lock file that names nobody is taken over after a moment', async () => {
    writeFileSync(`${path}.lock`, '');
    expect(await total(await opened())).to.equal(0);
  });

  it('of many that take over a dead lock at once one wins', async () => {
    const dead = { ...currentThread(), systemThread: 1, threadStart: 'never', token: 'x' };
    writeFileSync(`${path}.lock`, JSON.stringify({ ...dead, pid: 2 ** 22 + 1 }));
    const stores = Array.from({ length: 5 }, () => new DuckDBStore({ path }));
    open.push(...stores);
    const [answers, outcomes] = await Promise.all([
      Promise.all([ask(child, path), ask(worker, path)]),
      Promise.allSettled(stores.map((store) => store.init())),
    ]);
    const winners = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(winners + answers.filter((answer) => answer.opened).length).to.equal(1);
    await Promise.all([ask(child, 'close'), ask(worker, 'close')]);
  });

  it('a file that DuckDB finds locked by a process without our lock is busy too', async () => {
    await ask(child, path);
    unlinkSync(`${path}.lock`);
    const error = await refusal();
    expect(error).to.have.property('code', 'OBS_STORE_BUSY');
    expect(error.message).to.match(new RegExp(`PID ${child.pid}`));
    await ask(child, 'close');
  });

  it('the lock of a worker thread that was terminated is taken over', async function () {
    if (process.platform !== 'linux') this.skip();
    await ask(worker, path);
    await worker.terminate();
    expect(existsSync(`${path}.lock`)).to.equal(true);
    expect(await total(await opened())).to.equal(0);
  });

  it('the lock of a process that was killed is taken over, with the data', async () => {
    const first = await opened();
    await first.observability.createSpan({ span: span(0, 0) });
    await first.close();
    await ask(child, path);
    const { systemThread: _, threadStart: _start, ...bare } = currentThread();
    const asSeenElsewhere = { ...bare, pid: child.pid! };
    expect(isRunning(asSeenElsewhere)).to.equal(true);
    await kill(child);
    expect(isRunning(asSeenElsewhere)).to.equal(false);
    expect(existsSync(`${path}.lock`)).to.equal(true);
    expect(await total(await opened())).to.equal(1);
    expect(readdirSync(directory()).filter((name) => name.includes('claim'))).to.deep.equal([]);
  });

  it('who comes late to a takeover finds the new owner and leaves the lock to him', () => {
    const lockPath = `${path}.lock`;
    writeFileSync(lockPath, 'the new owner');
    expect(takeOver(lockPath, 'the dead owner', 'me')).to.equal(false);
    expect(readFileSync(lockPath, 'utf8')).to.equal('the new owner');
    expect(existsSync(`${lockPath}.claim`)).to.equal(false);
  });

  it('a takeover under way is left alone, one that was cut short is cleared away', () => {
    const [lockPath, claim] = [`${path}.lock`, `${path}.lock.claim`];
    writeFileSync(lockPath, 'the dead owner');
    writeFileSync(claim, 'another');
    expect(takeOver(lockPath, 'the dead owner', 'me')).to.equal(false);
    expect(readFileSync(claim, 'utf8')).to.equal('another');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(claim, longAgo, longAgo);
    expect(takeOver(lockPath, 'the dead owner', 'me')).to.equal(false);
    expect(takeOver(lockPath, 'the dead owner', 'me')).to.equal(true);
    expect(readFileSync(lockPath, 'utf8')).to.equal('me');
    expect(existsSync(claim)).to.equal(false);
  });

  it('where the system does not tell threads apart, the start of the process tells it from an earlier one', () => {
    const { systemThread: _, threadStart: _start, ...bare } = currentThread();
    expect(isRunning(bare)).to.equal(true);
    expect(isRunning({ ...bare, processStart: bare.processStart - 60_000 })).to.equal(false);
  });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
