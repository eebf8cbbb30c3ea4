import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Tally } from '../../../core/delivery/counts.ts';
import { resolveDelivery } from '../../../core/delivery/options.ts';
import { SpooledDelivery } from '../../../core/delivery/spooled-delivery.ts';
import { definePlugin, type LogEvent, RetryableError, type Send } from '../../../core/index.ts';
import { nodeFiles } from '../../../core/spool/files.ts';
import { SpoolHome } from '../../../core/spool/home.ts';
import { createTestHost, type TestHost } from '../../kit/host.ts';

describe('a delivery with a spool', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'obs-spool-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  function host(send: Send<LogEvent>, durability: 'os' | 'disk' = 'os', delivery: object = {}): TestHost {
    const plugin = definePlugin<unknown>({
      name: 'sink',
      apiVersion: 1,
      kind: 'exporter',
      signals: ['logs'],
      apply: (pluginHost) => pluginHost.deliver.logs(send, { maxDelayMs: 10 }),
    });
    const plugins = { sink: { plugin, delivery: { durability, ...delivery } } };
    return createTestHost({ config: { dataDir: dir }, plugins });
  }
  const counts = ({ obs }: TestHost) => obs.diagnostics().plugins.sink!.signals.logs!;

  for (const durability of ['os', 'disk'] as const) {
    it(`delivers what it wrote (${durability})`, async () => {
      const got: string[] = [];
      const one = host(
        async (batch) => void got.push(...batch.map(({ record }) => record.message)),
        durability,
      );
      await one.start();
      for (let n = 0; n < 1000; n++) one.obs.logger.info(`${n}`);
      const flushed = await one.obs.flush();
      expect(got).to.deep.equal(Array.from({ length: 1000 }, (_, n) => `${n}`));
      expect(flushed).to.deep.equal({ isComplete: true, level: durability, pending: 0, spooled: 0 });
      await one.obs.shutdown();
      expect(counts(one)).to.include({ accepted: 1000, delivered: 1000, spooled: 0, queued: 0, inFlight: 0 });
      expect(readdirSync(join(dir, 'spool/sink/0/logs'))).to.deep.equal([]);
      expect(one.warnings).to.deep.equal([]);
    });
  }

  it('leaves to the next process what its destination does not take', async () => {
    const one = host(async () => {
      throw new RetryableError('down');
    });
    await one.start();
    for (let n = 0; n < 100; n++) one.obs.logger.info(`${n}`);
    const flushed = await one.obs.flush({ until: 'stored' });
    expect(flushed).to.deep.equal({ isComplete: true, level: 'os', pending: 0, spooled: 100 });
    expect(await one.obs.shutdown({ deadlineMs: 200 })).to.include({ isComplete: true, spooled: 100 });
    const [file] = readdirSync(join(dir, 'spool/sink/0/logs'));
    expect(statSync(join(dir, 'spool/sink/0/logs', file!)).mode & 0o777).to.equal(0o600);

    const got: string[] = [];
    const two = host(async (batch) => void got.push(...batch.map(({ record }) => record.message)));
    await two.start();
    two.obs.logger.info('new');
    // It waits for what was found.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await two.obs.flush()).to.include({ isComplete: true, spooled: 0 });
    expect(got).to.deep.equal([...Array.from({ length: 100 }, (_, n) => `${n}`), 'new']);
    expect(counts(two)).to.include({ accepted: 101, delivered: 101, recovered: 100 });
    await two.obs.shutdown();
  });

  it('gives way by age when its quota is reached, and counts what went', async () => {
    const one = host(
      async () => {
        throw new RetryableError('down');
      },
      'os',
      { spoolBytes: 64_000 },
    );
    await one.start();
    for (let n = 0; n < 40; n++) {
      for (let m = 0; m < 10; m++) one.obs.logger.info(`${n}-${m}`, 'x'.repeat(300));
      await one.obs.flush({ until: 'stored' });
    }
    const { accepted, spooled, dropped } = counts(one);
    expect(accepted).to.equal(400);
    expect(dropped.spool_full).to.be.greaterThan(200);
    expect(spooled + dropped.spool_full!).to.equal(400);
    await one.obs.shutdown({ deadlineMs: 100 });
    const got: string[] = [];
    const two = host(async (batch) => void got.push(...batch.map(({ record }) => record.message)));
    await two.start();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await two.obs.flush();
    expect(got).to.have.lengthOf(spooled);
    expect(got.at(-1)).to.equal('39-9');
    await two.obs.shutdown();
  });

  it('refuses what is new when its quota is reached and the policy says so', async () => {
    const delivery = { spoolBytes: 64_000, whenFull: 'drop-newest' };
    const one = host(
      async () => {
        throw new RetryableError('down');
      },
      'os',
      delivery,
    );
    await one.start();
    for (let n = 0; n < 400; n++) {
      one.obs.logger.info(`${n}`, 'x'.repeat(300));
      if (n % 10 === 9) await one.obs.flush({ until: 'stored' });
    }
    const { spooled, dropped } = counts(one);
    expect(spooled + dropped.spool_full!).to.equal(400);
    expect(dropped.spool_full).to.be.greaterThan(200);
    expect(one.warnings.join()).to.include('(spool_full)');
    await one.obs.shutdown({ deadlineMs: 100 });
  });

  const quick = {
    maxItems: 8,
    retry: { initialDelayMs: 2, maxDelayMs: 4, maxElapsedMs: 100, breakAfter: 3 },
  };

  it('keeps everything for as long as its destination takes nothing, and counts all of it meanwhile', async () => {
    let isDown = true;
    const got: string[] = [];
    const one = host(
      async (batch) => {
        if (isDown) throw new RetryableError('503');
        got.push(...batch.map(({ record }) => record.message));
      },
      'os',
      quick,
    );
    await one.start();
    for (let n = 0; n < 64; n++) one.obs.logger.info(`${n}`);
    // Many times its time.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(counts(one)).to.deep.include({ spooled: 64, inFlight: 0, dropped: {} });
    isDown = false;
    expect(await one.obs.flush()).to.include({ isComplete: true, spooled: 0 });
    expect(got.map(Number).sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 64 }, (_, n) => n));
    await one.obs.shutdown();
  });

  it('works from memory while its directory cannot be made, says so, and goes back when it can', async () => {
    writeFileSync(join(dir, 'spool'), 'a file is in the way');
    const got: string[] = [];
    const one = host(async (batch) => void got.push(...batch.map(({ record }) => record.message)));
    await one.start();
    one.obs.logger.info('one');
    expect(await one.obs.flush()).to.include({ isComplete: true, spooled: 0 });
    expect(got).to.deep.equal(['one']);
    expect(one.obs.diagnostics().plugins.sink!.state).to.equal('degraded');
    expect(one.warnings.join()).to.match(/the spool of "sink" fails.*OBS_SPOOL: ENOTDIR/);
    rmSync(join(dir, 'spool'));
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(one.obs.diagnostics().plugins.sink!.state).to.equal('running');
    one.obs.logger.info('two');
    await one.obs.flush();
    expect(got).to.deep.equal(['one', 'two']);
    expect(readdirSync(join(dir, 'spool/sink/0/logs'))).to.not.be.empty;
    await one.obs.shutdown();
  });

  it('keeps its files from others', async () => {
    const one = host(async () => {});
    await one.start();
    one.obs.logger.info('one');
    await one.obs.flush();
    const entries = readdirSync(join(dir, 'spool'), { recursive: true, withFileTypes: true });
    expect(entries).to.have.length.greaterThan(4);
    for (const entry of entries) {
      const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
      expect(mode.toString(8), entry.name).to.equal(entry.isDirectory() ? '700' : '600');
    }
    await one.obs.shutdown();
  });

  it('refuses an event that JSON cannot hold, and only that one', async () => {
    const got: unknown[] = [];
    const one = host(async (batch) => void got.push(...batch.map(({ record }) => record.data)));
    await one.start();
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const event = (data: unknown): LogEvent => ({
      type: 'log',
      id: 'x',
      timestamp: new Date(0),
      timeUnixMicro: 0,
      record: { level: 'info', message: 'm', data },
    });
    one.obs.bus.emit(event(1));
    one.obs.bus.emit(event(2n));
    one.obs.bus.emit(event(3));
    await one.obs.flush();
    expect(got).to.deep.equal([1, 3]);
    expect(counts(one)).to.deep.include({ accepted: 3, delivered: 2, dropped: { rejected: 1 } });
    await one.obs.shutdown();
  });

  it('delivers more than fits into memory in its order, all of it equal to what was emitted', async () => {
    let isUp = false;
    const got: LogEvent[] = [];
    const one = host(async (batch) => {
      if (!isUp) throw new RetryableError('down');
      got.push(...batch);
    });
    await one.start();
    const text = 'x'.repeat(20_000);
    for (let n = 0; n < 500; n++) {
      one.obs.logger.info(`${n}`, { text, n });
      if (n % 50 === 0) await one.obs.flush({ until: 'stored' });
    }
    isUp = true;
    expect(await one.obs.flush()).to.include({ isComplete: true, spooled: 0 });
    expect(got.map(({ record }) => record.message)).to.deep.equal(
      Array.from({ length: 500 }, (_, n) => `${n}`),
    );
    for (const event of got) expect(event.timestamp).to.be.instanceOf(Date);
    await one.obs.shutdown();
  });

  it('is followed by another of the same entry only when it has closed, which then sends what it left', async () => {
    const got: string[] = [];
    const options = resolveDelivery({ durability: 'os', maxDelayMs: 5 });
    const files = nodeFiles;
    const home = new SpoolHome(join(dir, 'spool'), 'other', files);
    const make = (send: Send<LogEvent>) =>
      new SpooledDelivery<LogEvent>({
        isRedeliverySafe: true,
        options,
        files,
        home,
        name: 'logs',
        counts: new Tally(),
        budget: { limit: 1e9, used: 0 },
        newBatchId: () => 'id',
        random: () => 0,
        send,
        onFailure() {},
        onRefused() {},
        onSuccess() {},
        onSpoolFailed() {},
        onSpoolHealed() {},
      });
    const down = make(async () => {
      throw new RetryableError('down');
    });
    down.open();
    const event = { type: 'log', record: { level: 'info', message: 'left' } } as LogEvent;
    down.offer(event);
    await down.flush(1_000, 'stored');
    const next = make(async (batch) => void got.push(...batch.map(({ record }) => record.message)));
    next.open();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(got).to.deep.equal([]);
    await down.close(20);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await next.flush(1_000);
    expect(got).to.deep.equal(['left']);
    expect(next.counts).to.include({ accepted: 1, delivered: 1 });
    await next.close(100);
    expect(readdirSync(join(dir, 'spool/other'))).to.deep.equal(['0']);
  });
});
