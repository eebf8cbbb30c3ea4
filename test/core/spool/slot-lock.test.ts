import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { nodeFiles } from '../../../core/spool/files.ts';
import { releaseLock, takeLock } from '../../../core/spool/slot-lock.ts';
import { releaseSlots, takeSlots } from '../../../core/spool/slots.ts';
import { run, type Steps } from '../../../core/spool/steps.ts';
import { currentThread } from '../../../core/thread-identity.ts';

const go = <R>(steps: Steps<R>) => run(steps, nodeFiles);

describe('the lock of a slot', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'obs-lock-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });
  const locks = () => readdirSync(dir).filter((name) => name.startsWith('lock'));

  it('is held by one at a time, and its number grows with every holder', async () => {
    const first = await go(takeLock(dir));
    expect(first?.fencing).to.equal(1);
    expect(await go(takeLock(dir))).to.equal(undefined);
    await go(releaseLock(first!));
    expect((await go(takeLock(dir)))?.fencing).to.equal(2);
    expect(locks()).to.deep.equal(['lock.2']);
  });

  it('goes to exactly one of many that want it at once', async () => {
    const taken = await Promise.all(Array.from({ length: 20 }, () => go(takeLock(dir))));
    expect(taken.filter((lock) => lock !== undefined)).to.have.lengthOf(1);
    expect(locks()).to.deep.equal(['lock.1']);
  });

  for (const [what, change] of [
    ['another process that has gone', { pid: 999_999_999, systemThread: 999_999_999 }],
    ['a process before it with the same number', { threadStart: '1' }],
    ['an earlier start of the machine', { bootId: 'another' }],
  ] as const) {
    it(`is taken over from ${what}`, async function () {
      if (currentThread().bootId === undefined) this.skip();
      writeFileSync(join(dir, 'lock.7'), JSON.stringify({ ...currentThread(), ...change }));
      expect((await go(takeLock(dir)))?.fencing).to.equal(8);
      expect(locks()).to.deep.equal(['lock.8']);
    });
  }

  it('is taken over from a power cut that left half of it', async () => {
    writeFileSync(join(dir, 'lock.3'), '{"pid":');
    expect((await go(takeLock(dir)))?.fencing).to.equal(4);
  });

  it('is held by a thread as long as that runs', async function () {
    if (currentThread().systemThread === undefined) this.skip();
    const code = `const { parentPort } = require('node:worker_threads');
      parentPort.on('message', () => {});
      parentPort.postMessage(require('node:fs').readlinkSync('/proc/thread-self'));`;
    const worker = new Worker(code, { eval: true });
    const path = await new Promise<string>((resolve) => worker.once('message', resolve));
    const stat = readFileSync(join('/proc', path, 'stat'), 'utf8');
    const threadStart = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const systemThread = Number(path.split('/').at(-1));
    const holder = { ...currentThread(), threadId: worker.threadId, systemThread, threadStart };
    writeFileSync(join(dir, 'lock.1'), JSON.stringify(holder));
    expect(await go(takeLock(dir))).to.equal(undefined);
    await worker.terminate();
    expect((await go(takeLock(dir)))?.fencing).to.equal(2);
  });

  it('makes a second host use the next slot, and a later one adopt both', async () => {
    const one = await go(takeSlots(dir));
    const two = await go(takeSlots(dir));
    expect([one.own.directory, two.own.directory]).to.deep.equal([join(dir, '0'), join(dir, '1')]);
    expect(two.adopted).to.deep.equal([]);
    await go(releaseSlots(one));
    await go(releaseSlots(two));
    const three = await go(takeSlots(dir));
    expect(three.own).to.deep.equal({ directory: join(dir, '0'), fencing: 2 });
    expect(three.adopted).to.deep.equal([{ directory: join(dir, '1'), fencing: 2 }]);
    expect(readFileSync(join(dir, '0/lock.2'), 'utf8')).to.include(`"pid":${process.pid}`);
  });
});
