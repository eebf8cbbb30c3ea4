import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { createTestHost } from '../kit/host.ts';
import { createGate, NEVER } from './delivery/deliver.ts';
import { MemoryStore } from './memory-store.ts';
import { pluginOf } from './plugins.ts';

describe('starting and stopping plugins', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  /** A plugin whose second start step fails as often as told. */
  function failing(failures: number) {
    const calls: string[] = [];
    const received: string[] = [];
    let attempts = 0;
    const plugin = pluginOf((host) => {
      host.hooks.start.tap(() => void calls.push('first'));
      host.hooks.start.tap(async () => {
        calls.push('second');
        if (++attempts <= failures) throw new Error('the file is busy');
      });
      host.deliver.logs(async (batch) => void received.push(...batch.map(({ record }) => record.message)));
    });
    return { plugin, calls, received };
  }

  it('lets a plugin whose start fails wait, names it once, tries again, and delivers what waited', async () => {
    const bad = failing(2);
    const fine = failing(0);
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
    const bad = failing(3);
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
    void wired.hooks.start.promise({ deadlineMs: 30_000 });
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

  it('ends a shutdown in time while a plugin is degraded, and counts what it gives up', async () => {
    const bad = failing(1_000);
    const { obs, start } = createTestHost({ plugins: { bad: bad.plugin } });
    void start();
    for (let n = 0; n < 3; n++) obs.logger.info('message');
    await timers.tickAsync(10_000);
    let endedAt = 0;
    const startedAt = Date.now();
    const result = obs.shutdown({ deadlineMs: 2_000 }).finally(() => {
      endedAt = Date.now();
    });
    await timers.tickAsync(10_000);
    expect(await result).to.deep.equal({ isComplete: false, level: 'memory', pending: 0 });
    expect(endedAt - startedAt).to.be.at.most(2_000);
    const { state, signals } = obs.diagnostics().plugins['bad']!;
    expect(state).to.equal('closed');
    expect(signals.logs).to.deep.include({ accepted: 3, dropped: { shutdown: 3 } });
    const { length } = bad.calls;
    await timers.tickAsync(120_000);
    expect(bad.calls).to.have.length(length);
    expect(timers.countTimers()).to.equal(0);
  });

  it('waits in a shutdown for a start that is under way, so that what opens is also closed', async () => {
    const store = new MemoryStore();
    const opened = createGate();
    store.init = async () => {
      await opened.promise;
      store.calls.push(['init']);
    };
    const { obs, start } = createTestHost({
      plugins: { store: pluginOf((host) => host.registerStore(store)) },
    });
    void start();
    const result = obs.shutdown({ deadlineMs: 3_000 });
    await timers.tickAsync(100);
    expect(store.calls).to.deep.equal([]);
    opened.open();
    await timers.tickAsync(10);
    expect((await result).isComplete).to.equal(true);
    expect(store.calls).to.deep.equal([['init'], ['close']]);
  });

  it('does not try again what fails to start during a shutdown', async () => {
    const opened = createGate();
    let starts = 0;
    const plugin = pluginOf((host) =>
      host.hooks.start.tap(() => {
        starts++;
        return opened.promise;
      }),
    );
    const { obs, start, warnings } = createTestHost({ plugins: { plugin } });
    void start();
    const result = obs.shutdown({ deadlineMs: 3_000 });
    await timers.tickAsync(10);
    opened.fail(new Error('busy'));
    await timers.tickAsync(60_000);
    await result;
    expect(starts).to.equal(1);
    expect(warnings).to.deep.equal([]);
    expect(obs.diagnostics().plugins['plugin']!.state).to.equal('closed');
    expect(timers.countTimers()).to.equal(0);
  });

  it('delivers in a shutdown what waits for a start that is under way', async () => {
    const store = new MemoryStore();
    store.init = () => new Promise((resolve) => setTimeout(resolve, 500));
    const { obs, start } = createTestHost({
      plugins: { store: pluginOf((host) => host.registerStore(store)) },
    });
    void start();
    obs.logger.info('message');
    const result = obs.shutdown({ deadlineMs: 3_000 });
    await timers.tickAsync(1_000);
    expect((await result).isComplete).to.equal(true);
    expect(store.calls).to.deep.equal([['batchCreateLogs', 'message'], ['close']]);
  });

  it('closes the others in time although one start hangs for ever', async () => {
    const store = new MemoryStore();
    const hanging = pluginOf((host) => host.hooks.start.tap(() => NEVER));
    const { obs, start } = createTestHost({
      plugins: { hanging, store: pluginOf((host) => host.registerStore(store)) },
    });
    void start();
    const result = obs.shutdown({ deadlineMs: 900 });
    await timers.tickAsync(900);
    await result;
    expect(store.calls).to.deep.equal([['init'], ['close']]);
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

  it('is done once: a shutdown that is repeated gives the same answer and calls nothing again', async () => {
    const store = new MemoryStore();
    const { obs, start } = createTestHost({
      plugins: { store: pluginOf((host) => host.registerStore(store)) },
    });
    void start();
    const first = obs.shutdown({ deadlineMs: 1_000 });
    const second = obs.shutdown({ deadlineMs: 5_000 });
    await timers.tickAsync(1_000);
    expect(await second).to.equal(await first);
    expect(store.calls).to.deep.equal([['init'], ['close']]);
  });

  it('leaves the plugins time to write in a flush although a queue cannot be emptied', async () => {
    const wrote: number[] = [];
    const hanging = pluginOf((host) => host.deliver.logs(() => NEVER));
    const slow = pluginOf((host) =>
      host.hooks.flush.tap(async ({ deadlineMs }) => {
        await new Promise((resolve) => setTimeout(resolve, 150));
        wrote.push(deadlineMs);
      }),
    );
    const { obs, start, warnings } = createTestHost({ plugins: { hanging, slow } });
    await start();
    obs.logger.info('message');
    let flushedAt = 0;
    const result = obs.flush({ deadlineMs: 1_000 }).finally(() => {
      flushedAt = Date.now();
    });
    await timers.tickAsync(1_000);
    expect((await result).isComplete).to.equal(false);
    expect(wrote).to.deep.equal([200]);
    expect(flushedAt).to.be.at.most(1_000);
    expect(warnings).to.deep.equal([]);
  });

  it('may be shut down during a flush, which then ends', async () => {
    const plugin = pluginOf((host) => host.deliver.logs(() => NEVER));
    const { obs, start } = createTestHost({ plugins: { plugin } });
    await start();
    obs.logger.info('message');
    let flushedAt = 0;
    void obs.flush({ deadlineMs: 60_000 }).finally(() => {
      flushedAt = Date.now();
    });
    const result = obs.shutdown({ deadlineMs: 1_000 });
    await timers.tickAsync(2_000);
    expect((await result).isComplete).to.equal(false);
    expect(flushedAt).to.be.within(1, 1_000);
  });
});
