import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { createTestHost } from '../../kit/host.ts';
import { createRecording } from '../../kit/recording.ts';
import { NEVER } from '../delivery/deliver.ts';
import { pluginOf, settled } from '../plugins.ts';

describe('the guard around taps', () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  before(() => {
    // Mocha has listeners of its own, which would end the run.
    process.prependListener('unhandledRejection', note);
  });
  beforeEach(() => {
    unhandled.length = 0;
  });
  afterEach(async () => {
    await settled();
    expect(unhandled).to.deep.equal([]);
  });
  after(() => {
    process.off('unhandledRejection', note);
  });

  const misbehaving: Record<string, () => unknown> = {
    'throws an error': () => {
      throw new Error('boo');
    },
    'throws nothing that could be printed': () => {
      throw Object.create(null);
    },
    'returns a promise that rejects': () => Promise.reject(new Error('boo')),
    'returns a promise that rejects later': () =>
      new Promise((_, reject) => setImmediate(() => reject(new Error('boo')))),
    'returns a thenable that throws': () => ({
      // biome-ignore lint/suspicious/noThenProperty: the point of the test
      then() {
        throw new Error('boo');
      },
    }),
    'returns something whose `then` cannot be read': () => ({
      // biome-ignore lint/suspicious/noThenProperty: the point of the test
      get then() {
        throw new Error('boo');
      },
    }),
  };

  for (const [what, tap] of Object.entries(misbehaving)) {
    it(`keeps a tap that ${what} away from the application and from other taps, and counts it`, async () => {
      const before = createRecording({ signals: ['logs'] });
      const after = createRecording({ signals: ['logs'] });
      const bad = pluginOf((host) => host.hooks.logs.tap(tap as () => void));
      const { obs, warnings } = createTestHost({
        plugins: { before: before.plugin, bad, after: after.plugin },
      });
      for (let n = 0; n < 20; n++) obs.logger.info(`message ${n}`);
      await settled();
      expect(before.events.logs).to.have.length(20);
      expect(after.events.logs).to.have.length(20);
      expect(obs.diagnostics().plugins['bad']).to.deep.include({ tapFailures: { logs: 20 } });
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.match(/^obs WARN plugin "bad" failed in its logs tap: /);
    });
  }

  it('takes a promise of a tap that fulfils for what it is: nothing to wait for', async () => {
    const slow = pluginOf((host) => host.hooks.logs.tap((() => NEVER) as never));
    const after = createRecording({ signals: ['logs'] });
    const { obs, warnings } = createTestHost({ plugins: { slow, after: after.plugin } });
    obs.logger.info('message');
    expect(after.events.logs).to.have.length(1);
    expect(warnings).to.deep.equal([]);
  });

  describe('with time under control', () => {
    let timers: SinonFakeTimers;
    beforeEach(() => {
      timers = useFakeTimers();
    });
    afterEach(() => {
      timers.restore();
    });

    it('warns about a failing tap once a minute, by the key of its entry', () => {
      const bad = pluginOf((host) =>
        host.hooks.logs.tap(() => {
          throw new Error('boo');
        }),
      );
      const { obs, warnings } = createTestHost({ plugins: { first: bad, second: bad } });
      for (let second = 0; second < 119; second++) {
        obs.logger.info('message');
        timers.tick(1_000);
      }
      expect(warnings.map((line) => line.match(/"(\w+)"/)?.[1])).to.deep.equal([
        'first',
        'second',
        'first',
        'second',
      ]);
    });

    it('names a tap that holds up the event loop', () => {
      const busy = pluginOf((host) => host.hooks.metrics.tap(() => void timers.tick(80)));
      const { obs, warnings } = createTestHost({ plugins: { busy } });
      obs.metrics.counter('requests').add();
      expect(warnings).to.deep.equal([
        'obs WARN plugin "busy" held up the event loop for 80 ms in its metrics tap',
      ]);
    });

    it('ends a flush at its deadline although a plugin hangs in it, and names that plugin', async () => {
      let flushed = 0;
      const hanging = pluginOf((host) => host.hooks.flush.tap(() => NEVER));
      const fine = pluginOf((host) => host.hooks.flush.tap(() => void flushed++));
      const { obs, warnings } = createTestHost({ plugins: { hanging, fine } });
      const result = obs.flush({ deadlineMs: 2_000 });
      await timers.tickAsync(2_000);
      expect((await result).isComplete).to.equal(true);
      expect(flushed).to.equal(1);
      expect(warnings).to.deep.equal([
        'obs WARN plugin "hanging" failed in its flush tap: OBS_DEADLINE: no answer within 2000 ms',
      ]);
      expect(timers.countTimers()).to.equal(0);
    });

    it('ends a shutdown by its deadline although a plugin hangs in every step, and lets the others close', async () => {
      const closed: string[] = [];
      const hanging = pluginOf((host) => {
        host.deliver.logs(() => NEVER);
        host.hooks.flush.tap(() => NEVER);
        host.hooks.shutdown.tap(() => NEVER);
      });
      const fine = pluginOf((host) => {
        host.hooks.shutdown.tap(async () => {
          await new Promise((resolve) => setTimeout(resolve, 60));
          closed.push('fine');
        });
      });
      const { obs, start, warnings } = createTestHost({ plugins: { hanging, fine } });
      await start();
      obs.logger.info('message');
      const startedAt = Date.now();
      let endedAt = 0;
      const result = obs.shutdown({ deadlineMs: 1_000 }).finally(() => {
        endedAt = Date.now();
      });
      await timers.tickAsync(2_000);
      expect(await result).to.deep.equal({ isComplete: false, level: 'memory', pending: 0, spooled: 0 });
      expect(endedAt - startedAt).to.be.within(900, 1_001);
      expect(closed).to.deep.equal(['fine']);
      expect(warnings.filter((line) => line.includes('"fine"'))).to.deep.equal([]);
    });
  });

  it('lets the other plugins flush and close when one throws in it', async () => {
    const steps: string[] = [];
    const bad = pluginOf((host) => {
      host.hooks.flush.tap(() => {
        throw new Error('no flush');
      });
      host.hooks.shutdown.tap(() => Promise.reject(new Error('no shutdown')));
    });
    const fine = pluginOf((host) => {
      host.hooks.flush.tap(() => void steps.push('flush'));
      host.hooks.shutdown.tap(() => void steps.push('shutdown'));
    });
    const { obs, warnings } = createTestHost({ plugins: { bad, fine } });
    await obs.shutdown();
    expect(steps).to.deep.equal(['flush', 'shutdown']);
    expect(warnings).to.deep.equal([
      'obs WARN plugin "bad" failed in its flush tap: no flush',
      'obs WARN plugin "bad" failed in its shutdown tap: no shutdown',
    ]);
    expect(obs.diagnostics().plugins['bad']!.tapFailures).to.deep.equal({ flush: 1, shutdown: 1 });
  });

  it('does not care for a tap that rejects after its deadline', async () => {
    const late = pluginOf((host) =>
      host.hooks.flush.tap(async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw new Error('too late to matter');
      }),
    );
    const { obs } = createTestHost({ plugins: { late } });
    await obs.flush({ deadlineMs: 5 });
    await new Promise((resolve) => setTimeout(resolve, 30));
  });

  it('cuts telemetry that a tap makes, at once or later, and counts it', async () => {
    let calls = 0;
    const host = createTestHost({
      plugins: {
        chatty: pluginOf((own) =>
          own.hooks.logs.tap((async () => {
            calls++;
            host.obs.logger.info('at once');
            await settled();
            host.obs.logger.info('later');
          }) as never),
        ),
      },
    });
    host.obs.logger.info('message');
    await settled();
    await settled();
    expect(calls).to.equal(1);
    expect(host.obs.diagnostics().emitted.logs).to.deep.equal({ count: 1, dropped: { inside_tap: 2 } });
  });

  it('goes on emitting when those who take the warnings throw', () => {
    const bad = pluginOf((host) =>
      host.hooks.logs.tap(() => {
        throw new Error('boo');
      }),
    );
    const after = createRecording({ signals: ['logs'] });
    const { obs } = createTestHost({
      plugins: { bad, after: after.plugin },
      warn: () => {
        throw new Error('nobody listens');
      },
    });
    for (let n = 0; n < 3; n++) obs.logger.info('message');
    expect(after.events.logs).to.have.length(3);
  });
});
