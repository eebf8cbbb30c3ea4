import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { createTestHost } from '../../kit/host.ts';
import { createGate, NEVER } from '../delivery/deliver.ts';
import { MemoryStore } from '../memory-store.ts';
import { failingToStart, pluginOf } from '../plugins.ts';

describe('starting plugins', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('lets a plugin whose start fails wait, names it once, tries again, and delivers what waited', async () => {
    const bad = failingToStart(2);
    const fine = failingToStart(0);
    const { obs, start, warnings } = createTestHost({ plugins: { bad: bad.plugin, fine: fine.plugin } });
    obs.logger.info('before');
    void start();
    await timers.tickAsync(10);
    expect(obs.diagnostics().plugins['bad']!.state).to.equal('degraded');
    expect(obs.diagnostics().plugins['fine']!.state).to.equal('running');
    obs.logger.info('meanwhile');
    await timers.tickAsync(2_900);
    expect(bad.received).to.deep.equal([]);
    expect(fine.received).to.deep.equal(['before', 'meanwhile']);
    await timers.tickAsync(2_000);
    expect(bad.received).to.deep.equal(['before', 'meanwhile']);
    expect(obs.diagnostics().plugins['bad']!.state).to.equal('running');
    expect(obs.diagnostics().plugins['bad']!.lastError!.message).to.equal('the file is busy');
    expect(warnings).to.deep.equal([
      'obs WARN plugin "bad" has not started, its events wait: the file is busy',
    ]);
  });

  it('does not repeat the steps of a start that were done', async () => {
    const bad = failingToStart(3);
    const { start } = createTestHost({ plugins: { bad: bad.plugin } });
    void start();
    await timers.tickAsync(60_000);
    expect(bad.calls).to.deep.equal(['first', 'second', 'second', 'second', 'second']);
  });

  it('tries again after 1, 2, 4 ... up to 30 seconds', async () => {
    const at: number[] = [];
    const plugin = pluginOf((host) =>
      host.hooks.start.tap(() => {
        at.push(Date.now() / 1_000);
        throw new Error('busy');
      }),
    );
    const { start } = createTestHost({ plugins: { plugin } });
    void start();
    await timers.tickAsync(130_000);
    expect(at).to.deep.equal([0, 1, 3, 7, 15, 31, 61, 91, 121]);
  });

  it('takes a start that hangs for degraded after 30 seconds, and delivers once it is done after all', async () => {
    const opened = createGate();
    let starts = 0;
    const received: string[] = [];
    const plugin = pluginOf((host) => {
      host.hooks.start.tap(() => {
        starts++;
        return opened.promise;
      });
      host.deliver.logs(async (batch) => void received.push(...batch.map(({ record }) => record.message)));
    });
    const { obs, wired, warnings } = createTestHost({ plugins: { plugin } });
    void wired.slot.hooks.start.promise({ deadlineMs: 30_000 });
    obs.logger.info('message');
    await timers.tickAsync(29_000);
    expect(obs.diagnostics().plugins['plugin']!.state).to.equal('pending');
    await timers.tickAsync(60_000);
    expect(obs.diagnostics().plugins['plugin']).to.deep.include({ state: 'degraded', tapFailures: {} });
    expect(warnings).to.deep.equal([
      'obs WARN plugin "plugin" has not started, its events wait: OBS_DEADLINE: no answer within 30000 ms',
    ]);
    opened.open();
    await timers.tickAsync(2_000);
    expect(starts).to.equal(1);
    expect(received).to.deep.equal(['message']);
    expect(obs.diagnostics().plugins['plugin']!.state).to.equal('running');
  });

  it('says the same of an exporter that is registered later and hangs', async () => {
    const { obs, warnings } = createTestHost();
    obs.registerExporter({ name: 'late', init: () => NEVER, onLogEvent: () => {} });
    await timers.tickAsync(31_000);
    expect(obs.diagnostics().plugins['late']!.state).to.equal('degraded');
    expect(warnings).to.have.length(1);
  });

  it('flushes only when the plugins have started: a flush right after the start waits for it', async () => {
    const store = new MemoryStore();
    store.init = () => new Promise((resolve) => setTimeout(resolve, 700));
    const { obs, start } = createTestHost({
      plugins: { store: pluginOf((host) => host.registerStore(store)) },
    });
    void start();
    obs.logger.info('message');
    let flushedAt = 0;
    const result = obs.flush().finally(() => {
      flushedAt = Date.now();
    });
    await timers.tickAsync(2_000);
    expect((await result).isComplete).to.equal(true);
    expect(flushedAt).to.be.within(700, 750);
    expect(store.logs.size).to.equal(1);
  });
});
