import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { createTestHost } from '../../kit/host.ts';
import { createGate, NEVER } from '../delivery/deliver.ts';
import { MemoryStore } from '../memory-store.ts';
import { failingToStart, pluginOf } from '../plugins.ts';

describe('stopping plugins', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('ends a shutdown in time while a plugin is degraded, and counts what it gives up', async () => {
    const bad = failingToStart(1_000);
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
    expect(await result).to.deep.equal({ isComplete: false, level: 'memory', pending: 0, spooled: 0 });
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
