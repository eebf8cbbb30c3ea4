import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { noCounts } from '../../../core/delivery/counts.ts';
import { PermanentError } from '../../../core/delivery/outcome.ts';
import { SelfMetrics } from '../../../core/life/self-metrics.ts';
import type { MetricEvent } from '../../../core/signals/metrics.ts';
import { createRecording } from '../../kit/recording.ts';
import { pluginOf } from '../plugins.ts';
import { createReloading, type Reloading } from './reloading.ts';

/** Each series with the sum of its counters or its last gauge; of one signal. */
function totals(events: readonly MetricEvent[], signal: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { name, metricType, labels, value } of events) {
    if (labels['signal'] !== signal) continue;
    const series = [name.replace('obs.delivery.', ''), labels['plugin'], labels['reason']]
      .filter(Boolean)
      .join(' ');
    sums[series] = metricType === 'counter' ? (sums[series] ?? 0) + value : value;
  }
  return sums;
}

describe('metrics of the host about itself', () => {
  let timers: SinonFakeTimers;
  let made: Reloading;
  const recording = createRecording({ signals: ['metrics'] });
  const { metrics } = recording.events;
  async function start(selfMetrics: boolean | { intervalMs: number }): Promise<void> {
    recording.clear();
    const cloud = pluginOf((host) => {
      host.deliver.logs(async (batch) => {
        if (batch.some(({ record }) => record.message === 'bad')) throw new PermanentError('no');
      });
      host.deliver.metrics(async () => {});
    });
    timers = useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
    made = await createReloading({ selfMetrics, plugins: { cloud, recording: recording.plugin } });
  }
  afterEach(async () => {
    await made.obs.shutdown();
    timers.restore();
  });

  it('are not made and need no timer unless asked for', async () => {
    await start(false);
    made.obs.logger.info('x');
    await timers.tickAsync(10 * 60_000);
    await made.obs.flush();
    expect(metrics).to.deep.equal([]);
  });

  it('add up to the counts of the diagnostics, by plugin, signal and reason', async () => {
    await start(true);
    const { obs } = made;
    for (const message of ['1', '2', 'bad', '3']) {
      obs.logger.info(message);
      await timers.tickAsync(60_000);
    }
    obs.logger.info('queued');
    await timers.tickAsync(0);
    await obs.flush();
    await obs.flush();
    const { logs } = obs.diagnostics().plugins['cloud']!.signals;
    expect(logs).to.deep.include({ accepted: 5, delivered: 4, dropped: { rejected: 1 } });
    expect(totals(metrics, 'logs')).to.deep.equal({
      'accepted cloud': 5,
      'delivered cloud': 4,
      'dropped cloud rejected': 1,
      'queued cloud': 0,
    });
    expect(metrics[0]).to.deep.include({ metricType: 'counter', unit: '{event}' });
  });

  it('count themselves once an interval, however long nothing else happens', async () => {
    await start({ intervalMs: 1_000 });
    made.obs.logger.info('x');
    await timers.tickAsync(10_000);
    const before = metrics.length;
    await timers.tickAsync(100_000);
    // Accepted and delivered of the one plugin that takes metrics, and what of them waits.
    expect((metrics.length - before) / 100).to.be.within(1, 4);
  });

  it('are made outside of the request that happens to flush', async () => {
    await start({ intervalMs: 600_000 });
    // Without a listener there is no span to belong to.
    made.obs.bus.subscribe(() => {});
    await made.obs.trace('request', async () => {
      made.obs.logger.info('x');
      await made.obs.flush();
    });
    expect(metrics).to.not.be.empty;
    expect(metrics.filter(({ traceId }) => traceId !== undefined)).to.deep.equal([]);
  });

  it('are made a last time at the shutdown', async () => {
    await start({ intervalMs: 600_000 });
    made.obs.logger.info('x');
    await made.obs.shutdown();
    expect(totals(metrics, 'logs')).to.deep.include({ 'accepted cloud': 1 });
  });

  it('count from nothing for an entry that comes back when its counts were summed up long ago', async () => {
    await start(false);
    const added: number[] = [];
    const counts = (accepted: number) => ({ a: { signals: { logs: { ...noCounts(), accepted } } } });
    const reports = [counts(5), {}, counts(2)];
    const counter = () => ({ add: (value: number) => void added.push(value) });
    const report = () => ({ plugins: reports.shift() }) as never;
    const self = new SelfMetrics({ metrics: { counter } as never, report });
    self.follow({ enabled: true, intervalMs: 1_000 });
    for (let n = 0; n < 3; n++) self.emit();
    self.stop();
    expect(added).to.deep.equal([5, 2]);
  });

  it('begin and end with a reload', async () => {
    await start(false);
    const { obs, config } = made;
    obs.logger.info('x');
    config.selfMetrics = { intervalMs: 5_000 };
    await obs.reload();
    await obs.flush();
    expect(totals(metrics, 'logs')).to.deep.include({ 'accepted cloud': 1 });
    config.selfMetrics = false;
    await obs.reload();
    recording.clear();
    await obs.flush();
    expect(metrics).to.deep.equal([]);
  });
});
