import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { definePlugin } from '../../core/contract/plugin.ts';
import { createTestHost } from '../kit/host.ts';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean, ms: number): Promise<number> {
  const startedAt = performance.now();
  while (!condition() && performance.now() - startedAt < ms) await sleep(5);
  return performance.now() - startedAt;
}

describe('a disk that is full', () => {
  let dir: string;
  before(function () {
    dir = mkdtempSync(join(tmpdir(), 'obs-full-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', dir], { stdio: 'pipe' });
    } catch {
      console.log('      skipped: a small file system cannot be mounted here');
      rmSync(dir, { recursive: true });
      this.skip();
    }
  });
  after(() => {
    try {
      execFileSync('umount', [dir], { stdio: 'pipe' });
      rmSync(dir, { recursive: true });
    } catch {
      // It was never mounted.
    }
  });

  it('degrades the plugin at once, loses nothing that was acknowledged, and is over when there is room', async () => {
    const got = new Set<string>();
    let isUp = false;
    const plugin = definePlugin<unknown>({
      name: 'sink',
      apiVersion: 1,
      kind: 'exporter',
      signals: ['logs'],
      apply: (host) =>
        host.deliver.logs(
          async (batch) => {
            if (!isUp) throw new Error('down');
            for (const { record } of batch) got.add(record.message);
          },
          { retry: { initialDelayMs: 50, maxDelayMs: 100 } },
        ),
    });
    const host = createTestHost({
      config: { dataDir: join(dir, '.obs') },
      plugins: { sink: { plugin, delivery: { durability: 'disk' } } },
    });
    const sink = () => host.obs.diagnostics().plugins.sink!;
    await host.start();
    const emit = (name: string) => {
      for (let n = 0; n < 50; n++) host.obs.logger.info(`${name}-${n}`, 'x'.repeat(500));
    };
    emit('acked');
    expect(await host.obs.flush({ until: 'stored' })).to.include({ isComplete: true, level: 'disk' });
    writeFull(join(dir, 'filler'));
    emit('late');
    const failedAfterMs = await until(
      () => /OBS_SPOOL: .*ENOSPC/.test(sink().lastError?.message ?? ''),
      2_000,
    );
    expect(failedAfterMs).to.be.lessThan(1_000);
    expect(sink().state).to.equal('degraded');
    expect(await host.obs.flush({ until: 'stored', deadlineMs: 200 })).to.deep.include({
      isComplete: false,
      level: 'memory',
      pending: 50,
      spooled: 50,
    });
    rmSync(join(dir, 'filler'));
    expect(await host.obs.flush({ until: 'stored', deadlineMs: 5_000 })).to.include({
      isComplete: true,
      pending: 0,
    });
    isUp = true;
    await host.obs.flush({ deadlineMs: 5_000 });
    expect(got.size).to.equal(100);
    await until(() => sink().state === 'running', 1_000);
    expect(sink()).to.deep.include({ state: 'running' });
    expect(sink().signals.logs).to.deep.include({ accepted: 100, delivered: 100, dropped: {} });
    await host.obs.shutdown();
    expect(host.warnings.filter((line) => line.includes('spool'))).to.have.lengthOf(2);
  });

  it('does not keep events from a destination that takes them', async () => {
    const got: string[] = [];
    const plugin = definePlugin<unknown>({
      name: 'sink',
      apiVersion: 1,
      kind: 'exporter',
      signals: ['logs'],
      apply: (host) =>
        host.deliver.logs(async (batch) => void got.push(...batch.map((one) => one.record.message))),
    });
    writeFull(join(dir, 'filler'));
    const host = createTestHost({
      config: { dataDir: join(dir, 'never') },
      plugins: { sink: { plugin, delivery: { durability: 'os', maxItems: 2 } } },
    });
    await host.start();
    for (let n = 0; n < 5; n++) host.obs.logger.info(`${n}`);
    const flushed = await host.obs.flush({ deadlineMs: 3_000 });
    expect(got).to.deep.equal(['0', '1', '2', '3', '4']);
    expect(flushed).to.deep.include({ isComplete: true, pending: 0, spooled: 0 });
    expect(host.obs.diagnostics().plugins.sink).to.deep.include({ state: 'degraded' });
    await host.obs.shutdown();
    rmSync(join(dir, 'filler'));
  });
});

function writeFull(path: string): void {
  try {
    writeFileSync(path, Buffer.alloc(4_000_000));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).to.equal('ENOSPC');
  }
}
