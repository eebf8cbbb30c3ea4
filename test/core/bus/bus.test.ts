import { expect } from 'chai';
import type { ObservabilityEvent } from '../../../core/signals/index.ts';
import { createTestHost } from '../../kit/host.ts';
import { createRecording } from '../../kit/recording.ts';
import { logEvent } from '../events.ts';
import { pluginOf } from '../plugins.ts';

describe('the bus of a host', () => {
  it('hands an event to the plugins and to the subscribers', async () => {
    const recording = createRecording();
    const { obs } = createTestHost({ plugins: { recording: recording.plugin } });
    const seen: ObservabilityEvent[] = [];
    obs.bus.subscribe((event) => void seen.push(event));
    obs.logger.info('message');
    await obs.flush();
    expect(seen).to.deep.equal(recording.all);
    expect(seen).to.have.length(1);
  });

  it('is heard on every signal as soon as there is a subscriber, and on none when the last has left', () => {
    const { obs } = createTestHost();
    expect(obs.bus.isHeard('logs')).to.equal(false);
    const unsubscribe = obs.bus.subscribe(() => {});
    expect(obs.bus.isHeard('logs')).to.equal(true);
    unsubscribe();
    expect(obs.bus.isHeard('logs')).to.equal(false);
  });

  it('names a plugin that changes an event, in development and tests, and lets it change nothing', () => {
    const vandal = pluginOf((host) =>
      host.hooks.logs.tap(({ record }) => {
        (record.data as { list: number[] }).list.push(2);
      }),
    );
    const recording = createRecording({ signals: ['logs'] });
    const { obs, warnings } = createTestHost({ plugins: { vandal, recording: recording.plugin } });
    obs.logger.info('message', { list: [1] });
    expect(recording.events.logs[0]!.record.data).to.deep.equal({ list: [1] });
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('plugin "vandal" failed in its logs tap: Cannot add property');
  });

  it('does not freeze in production', () => {
    const recording = createRecording({ signals: ['logs'] });
    const { obs } = createTestHost({
      config: { environment: 'production' },
      plugins: { recording: recording.plugin },
    });
    obs.logger.info('message');
    expect(Object.isFrozen(recording.events.logs[0])).to.equal(false);
  });

  for (const [what, event] of Object.entries({
    nothing: undefined,
    'an unknown type': { type: 'metrics' },
    'the name of a method of every object': { type: 'constructor' },
    'a number': 5,
  })) {
    it(`never throws: not for ${what} either, which it names`, () => {
      const recording = createRecording();
      const { obs, warnings } = createTestHost({ plugins: { recording: recording.plugin } });
      obs.bus.emit(event as never);
      obs.logger.info('goes on');
      expect(recording.all).to.have.length(1);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.match(/^obs ERROR an event could not be handed over: /);
    });
  }

  it('hands on an event that cannot be frozen', () => {
    const recording = createRecording({ signals: ['logs'] });
    const { obs, warnings } = createTestHost({ plugins: { recording: recording.plugin } });
    const event = logEvent(1);
    event.record.data = { bytes: new Uint8Array(4) };
    obs.bus.emit(event);
    expect(recording.events.logs).to.have.length(1);
    expect(warnings).to.deep.equal([]);
  });

  it('counts what is emitted after the shutdown and calls no tap', async () => {
    const recording = createRecording();
    const { obs } = createTestHost({ plugins: { recording: recording.plugin } });
    await obs.shutdown();
    obs.bus.emit(logEvent(1));
    obs.logger.info('message');
    expect(recording.all).to.deep.equal([]);
    expect(obs.diagnostics().emitted.logs).to.deep.equal({ count: 0, dropped: { after_shutdown: 2 } });
  });
});
