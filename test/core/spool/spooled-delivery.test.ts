import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { definePlugin, type LogEvent, RetryableError, type Send } from '../../../core/index.ts';
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
});
