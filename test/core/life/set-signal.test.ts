import { expect } from 'chai';
import { SIGNALS } from '../../../core/signals/index.ts';
import { createFakeClock } from '../../kit/clock.ts';
import { createTestHost } from '../../kit/host.ts';
import { createCountingIds } from '../../kit/ids.ts';
import { createRecording } from '../../kit/recording.ts';
import { createGate } from '../delivery/deliver.ts';
import { emitAll, pluginOf, settled } from '../plugins.ts';
import { createReloading } from './reloading.ts';

describe('setSignal', () => {
  for (const signal of SIGNALS) {
    it(`switches ${signal} off and on for all plugins, at once, and no other`, () => {
      const recording = createRecording();
      const host = createTestHost({ plugins: { recording: recording.plugin } });
      const seen = () => {
        recording.clear();
        emitAll(host);
        return SIGNALS.filter((each) => recording.events[each].length > 0);
      };
      host.obs.setSignal(signal, false);
      // Judgements are made through the span, so without tracing there are none.
      expect(seen()).to.not.include(signal);
      expect(seen()).to.include(signal === 'logs' ? 'metrics' : 'logs');
      host.obs.setSignal(signal, true);
      expect(seen()).to.deep.equal(SIGNALS);
    });
  }

  it('makes a signal that is off cost nothing: no clock is read, no id drawn', () => {
    const [clock, ids, recording] = [createFakeClock(), createCountingIds(), createRecording()];
    const host = createTestHost({ clock, ids, plugins: { recording: recording.plugin } });
    for (const signal of SIGNALS) host.obs.setSignal(signal, false);
    emitAll(host);
    host.obs.bus.subscribe(() => {});
    emitAll(host);
    expect([clock.reads, ids.drawn, recording.all.length]).to.deep.equal([0, 0, 0]);
  });

  it('still delivers what is queued, through the same deliveries', async () => {
    const received: string[] = [];
    let closed = 0;
    let sends = 0;
    const gate = createGate();
    const plugin = pluginOf((host) => {
      host.deliver.logs(async (batch) => {
        sends++;
        await gate.promise;
        received.push(...batch.map(({ record }) => record.message));
      });
      host.hooks.shutdown.tap(() => void closed++);
    });
    const { obs, start } = createTestHost({ plugins: { plugin } });
    await start();
    obs.logger.info('1');
    const flushed = obs.flush();
    obs.setSignal('logs', false);
    obs.logger.info('not made');
    obs.setSignal('logs', true);
    obs.logger.info('2');
    obs.setSignal('logs', false);
    const second = obs.flush();
    await settled();
    // Another delivery would not wait for the send of this one.
    expect(sends).to.equal(1);
    gate.open();
    await flushed;
    await second;
    expect(received).to.deep.equal(['1', '2']);
    expect(closed).to.equal(0);
    expect(obs.diagnostics().plugins['plugin']!.signals.logs).to.deep.include({ accepted: 2, delivered: 2 });
    await obs.shutdown();
  });

  it('switches a signal on that the config has off: taps, processors and deliveries are placed then, and opened', async () => {
    const received: string[] = [];
    const plugin = pluginOf((host) => {
      host.process.logs('enrich', (event) => ({
        ...event,
        record: { ...event.record, message: 'enriched' },
      }));
      host.deliver.logs(async (batch) => void received.push(...batch.map(({ record }) => record.message)));
    });
    const config = { signals: { logs: { enabled: false } } };
    const { obs, start } = createTestHost({ config, plugins: { plugin } });
    await start();
    obs.logger.info('not made');
    expect(obs.diagnostics().plugins['plugin']!.signals).to.deep.equal({});
    obs.setSignal('logs', true);
    obs.logger.info('made');
    await obs.flush();
    expect(received).to.deep.equal(['enriched']);
    await obs.shutdown();
  });

  it('is seen in the diagnostics, goes before the config also after a reload, and is taken back with undefined', async () => {
    const recording = createRecording();
    const { obs, config } = await createReloading({ plugins: { recording: recording.plugin } });
    const state = () => obs.diagnostics().signals.logs;
    expect(state()).to.deep.equal({ isOn: true, setBy: 'config' });
    obs.setSignal('logs', false);
    expect(state()).to.deep.equal({ isOn: false, setBy: 'setSignal' });
    config.signals = { logs: true, metrics: false };
    await obs.reload();
    expect(state()).to.deep.equal({ isOn: false, setBy: 'setSignal' });
    expect(obs.diagnostics().signals.metrics).to.deep.equal({ isOn: false, setBy: 'config' });
    obs.logger.info('not made');
    obs.setSignal('logs', undefined);
    obs.logger.info('made');
    expect(recording.events.logs.map(({ record }) => record.message)).to.deep.equal(['made']);
    await obs.shutdown();
  });

  it('is harmless from inside a tap, for words that are no signal, and after the shutdown', async () => {
    const seen: string[] = [];
    const plugins = {
      first: pluginOf((host) => host.hooks.logs.tap(() => obs.setSignal('logs', false))),
      second: pluginOf((host) => host.hooks.logs.tap(({ record }) => void seen.push(record.message))),
    };
    const { obs, warnings } = createTestHost({ plugins });
    obs.logger.info('1');
    obs.logger.info('2');
    expect(seen).to.deep.equal(['1']);
    obs.setSignal('logs', true);
    obs.setSignal('log' as never, true);
    expect(warnings.at(-1)).to.match(
      /^obs WARN setSignal: expected one of tracing, .*, got string \("log"\)$/,
    );
    await obs.shutdown();
    obs.setSignal('logs', false);
    expect(obs.diagnostics().signals.logs.isOn).to.equal(true);
  });

  it('switches nothing on where observability is disabled', async () => {
    const { obs } = await createReloading({ plugins: {} }, {}, { env: { OBS_DISABLED: '1' } });
    obs.setSignal('logs', true);
    expect(obs.diagnostics().signals.logs.isOn).to.equal(false);
    await obs.shutdown();
  });
});
