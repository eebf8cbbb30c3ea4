import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { DestinationError } from '../../../core/delivery/outcome.ts';
import { DiagnosticsBook } from '../../../core/diagnostics/diagnostics-book.ts';
import { createTestHost } from '../../kit/host.ts';
import { createGate } from '../delivery/deliver.ts';
import { pluginOf, settled } from '../plugins.ts';

const NOTHING = { accepted: 0, delivered: 0, dropped: {}, spooled: 0, queued: 0, inFlight: 0 };

describe('diagnostics', () => {
  it('show each plugin with its state, and each signal with its counts, before and after', async () => {
    const gate = createGate();
    const { obs, start } = createTestHost({
      plugins: {
        slow: pluginOf((host) => host.deliver.logs(() => gate.promise, { maxItems: 2 })),
        tapping: pluginOf((host) => host.hooks.logs.tap(() => {})),
      },
    });
    expect(obs.diagnostics().plugins).to.deep.equal({
      slow: { state: 'pending', tapFailures: {}, signals: { logs: { ...NOTHING, circuit: 'closed' } } },
      tapping: { state: 'pending', tapFailures: {}, signals: {} },
    });
    await start();
    for (let n = 0; n < 3; n++) obs.logger.info('message');
    await settled();
    expect(obs.diagnostics().plugins['slow']).to.deep.equal({
      state: 'running',
      tapFailures: {},
      signals: { logs: { ...NOTHING, circuit: 'closed', accepted: 3, queued: 1, inFlight: 2 } },
    });
    gate.open();
    await obs.flush();
    const { logs } = obs.diagnostics().plugins['slow']!.signals;
    expect(logs).to.deep.include({ accepted: 3, delivered: 3, queued: 0, inFlight: 0 });
    expect(logs!.lastSuccessAt).to.be.instanceOf(Date);
    expect(Date.now() - logs!.lastSuccessAt!.getTime()).to.be.lessThan(5_000);
    await obs.shutdown();
    expect(obs.diagnostics().plugins['slow']!.state).to.equal('closed');
  });

  it('count what was emitted by signal, and what was given up before any plugin saw it, by reason', async () => {
    const { obs } = createTestHost({
      plugins: {
        entry: pluginOf((host) => {
          host.process.logs('enrich', (event) => (event.record.message === 'secret' ? null : event));
          host.hooks.logs.tap(() => {});
          host.hooks.metrics.tap(() => {});
        }),
      },
    });
    obs.logger.info('message');
    obs.logger.info('secret');
    obs.metrics.counter('requests').add(-1);
    await obs.shutdown();
    obs.logger.info('too late');
    const { emitted } = obs.diagnostics();
    expect(emitted.logs).to.deep.equal({ count: 1, dropped: { enrich_dropped: 1, after_shutdown: 1 } });
    expect(emitted.metrics).to.deep.equal({ count: 0, dropped: { invalid_value: 1 } });
    expect(emitted.scores).to.deep.equal({ count: 0, dropped: {} });
  });

  it('keep the last error of a plugin and of its signal, and call it degraded until a send succeeds', async () => {
    const answers: Error[] = [new Error('503'), new Error('504')];
    const gates = [createGate(), createGate()];
    let attempt = 0;
    const plugin = pluginOf((host) =>
      host.deliver.logs(async () => {
        const error = answers[attempt];
        await gates[attempt++]?.promise;
        if (error) throw error;
      }),
    );
    const { obs, start, warnings } = createTestHost({ random: () => 0, plugins: { plugin } });
    await start();
    obs.logger.info('message');
    const flushed = obs.flush();
    gates[0]!.open();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { state, lastError, signals } = obs.diagnostics().plugins['plugin']!;
    expect(state).to.equal('degraded');
    expect(lastError!.message).to.equal('503');
    expect(signals.logs!.lastError).to.deep.equal(lastError);
    gates[1]!.open();
    await flushed;
    expect(obs.diagnostics().plugins['plugin']!.state).to.equal('running');
    expect(obs.diagnostics().plugins['plugin']!.lastError!.message).to.equal('504');
    expect(warnings).to.deep.equal([
      'obs WARN plugin "plugin" could not take 1 logs events; they will be tried again: 503',
    ]);
  });

  it('name what was lost at the level of an error, with the reason', async () => {
    const plugin = pluginOf((host) => host.deliver.logs(async () => {}, { queueItems: 2, maxItems: 100 }));
    const { obs, warnings } = createTestHost({ plugins: { plugin } });
    for (let n = 0; n < 10; n++) obs.logger.info('message');
    expect(warnings).to.deep.equal(['obs ERROR plugin "plugin" lost 1 logs events (queue_full)']);
    await obs.shutdown({ deadlineMs: 20 });
    expect(warnings[1]).to.equal('obs ERROR plugin "plugin" lost 2 logs events (shutdown)');
    expect(obs.diagnostics().plugins['plugin']!.signals.logs).to.deep.include({
      accepted: 10,
      dropped: { queue_full: 8, shutdown: 2 },
    });
  });

  it('show of several circuits of one signal the worst', async () => {
    const plugin = pluginOf((host) => {
      host.deliver.logs(async () => {});
      host.deliver.logs(async () => Promise.reject(new DestinationError('401')));
      host.deliver.logs(async () => {});
    });
    const { obs, start } = createTestHost({ plugins: { plugin } });
    await start();
    obs.logger.info('message');
    await obs.flush({ deadlineMs: 1_000 });
    expect(obs.diagnostics().plugins['plugin']!.signals.logs!.circuit).to.equal('open');
    await obs.shutdown({ deadlineMs: 1 });
  });

  it('add up the deliveries that one plugin has for one signal', async () => {
    const plugin = pluginOf((host) => {
      host.deliver.logs(async () => {});
      host.deliver.logs(async () => ({ rejected: [{ index: 0, reason: 'no' }] }));
    });
    const { obs, start } = createTestHost({ plugins: { plugin } });
    await start();
    obs.logger.info('message');
    await obs.flush();
    expect(obs.diagnostics().plugins['plugin']!.signals.logs).to.deep.include({
      accepted: 2,
      delivered: 1,
      dropped: { rejected: 1 },
    });
  });

  it('are a copy: who changes them changes nothing', async () => {
    const plugin = pluginOf((host) => host.deliver.logs(async () => {}));
    const { obs } = createTestHost({ plugins: { plugin } });
    obs.logger.info('message');
    const report = obs.diagnostics();
    report.plugins['plugin']!.signals.logs!.accepted = 99;
    report.emitted.logs.count = 99;
    report.emitted.logs.dropped['x'] = 99;
    expect(obs.diagnostics().plugins['plugin']!.signals.logs!.accepted).to.equal(1);
    expect(obs.diagnostics().emitted.logs).to.deep.equal({ count: 1, dropped: {} });
    obs.logger.info('message');
    expect(report.plugins['plugin']!.signals.logs!.accepted).to.equal(99);
  });

  describe('warnings', () => {
    let timers: SinonFakeTimers;
    beforeEach(() => {
      timers = useFakeTimers();
    });
    afterEach(() => {
      timers.restore();
    });

    it('come once a minute for each topic', () => {
      const lines: string[] = [];
      const book = new DiagnosticsBook((line) => lines.push(line));
      book.warnOnce('a', 'first');
      book.warnOnce('a', 'again');
      book.warnOnce('b', 'other', 'ERROR');
      timers.tick(59_999);
      book.warnOnce('a', 'still too early');
      timers.tick(1);
      book.warnOnce('a', 'a minute later');
      expect(lines).to.deep.equal(['obs WARN first', 'obs ERROR other', 'obs WARN a minute later']);
    });

    it('of a destination that takes nothing come once until it works again, and are said for one signal only', () => {
      const lines: string[] = [];
      const book = new DiagnosticsBook((line) => lines.push(line));
      const refusal = new DestinationError('401');
      const pause = (signal: 'tracing' | 'logs') => book.sendFailed('cloud', signal, refusal, 'paused', 1);
      const sayOnce = () => {
        lines.length = 0;
        for (let hour = 0; hour < 48; hour++) {
          pause('tracing');
          pause('logs');
          timers.tick(3_600_000);
        }
        return lines;
      };
      const line =
        'obs WARN plugin "cloud" sends nothing until its destination is mended, its events wait; OBS_SEND_PAUSED: 401';
      expect(sayOnce()).to.deep.equal([line]);
      book.sendSucceeded('cloud', 'logs');
      expect(sayOnce()).to.deep.equal([]);
      book.sendSucceeded('cloud', 'logs');
      book.sendSucceeded('cloud', 'tracing');
      expect(sayOnce()).to.deep.equal([line]);
    });

    it('say when a plugin delivers again, once its last circuit has closed', () => {
      const lines: string[] = [];
      const book = new DiagnosticsBook((line) => lines.push(line));
      book.sendSucceeded('cloud', 'logs');
      for (const signal of ['tracing', 'logs', 'tracing'] as const)
        book.sendFailed('cloud', signal, new Error('503'), 'paused', 1);
      book.sendSucceeded('cloud', 'logs');
      expect(lines.splice(0)).to.deep.equal([
        'obs WARN plugin "cloud" fails to send, so it only tries from time to time and its events wait; OBS_SEND_CIRCUIT_OPEN: 503',
      ]);
      book.sendFailed('cloud', 'tracing', new DestinationError('401'), 'paused', 1);
      expect(lines.splice(0)).to.deep.equal([
        'obs WARN plugin "cloud" sends nothing until its destination is mended, its events wait; OBS_SEND_PAUSED: 401',
      ]);
      for (let n = 0; n < 3; n++) book.sendSucceeded('cloud', 'tracing');
      expect(lines).to.deep.equal(['obs INFO plugin "cloud" delivers again']);
    });

    it('are bounded: a flood of topics fills neither the terminal nor the memory', () => {
      const lines: string[] = [];
      const book = new DiagnosticsBook((line) => lines.push(line));
      for (let n = 0; n < 10_000; n++) book.warnOnce(`topic ${n}`, 'made up');
      expect(lines).to.have.length(500);
      timers.tick(60_000);
      book.warnOnce('new', 'speaks again');
      expect(lines.at(-1)).to.equal('obs WARN speaks again');
    });
  });
});
