import { expect } from 'chai';
import type { BaseObservabilityInstance } from '../../../core/instance.ts';
import { SIGNALS } from '../../../core/signals/index.ts';
import { createFakeClock } from '../../kit/clock.ts';
import { createTestHost } from '../../kit/host.ts';
import { createCountingIds } from '../../kit/ids.ts';
import { createRecording } from '../../kit/recording.ts';

/** Emits one thing of every signal. */
function emitAll(obs: BaseObservabilityInstance): void {
  const span = obs.startSpan({ name: 'span' });
  span.end();
  obs.metrics.counter('counter').add();
  obs.logger.info('log');
  obs.addScore({ scorerId: 's', score: 1 });
  obs.addFeedback({ feedbackType: 'f', value: 1 });
}

describe('a signal that is off', () => {
  it('reads no clock, draws no id and makes no event, when nobody listens', () => {
    const [clock, ids] = [createFakeClock(), createCountingIds()];
    const { obs } = createTestHost({ clock, ids });
    emitAll(obs);
    expect(obs.trace('x', () => obs.currentSpan())).to.equal(undefined);
    expect([clock.reads, ids.drawn]).to.deep.equal([0, 0]);
    for (const signal of SIGNALS)
      expect(obs.diagnostics().emitted[signal]).to.deep.equal({ count: 0, dropped: {} });
  });

  it('reads no clock, draws no id and makes no event, when the config says so', () => {
    const off = { enabled: false };
    const configs = [
      { disabled: true },
      { signals: { tracing: off, metrics: off, logs: off, scores: off, feedback: off } },
    ];
    for (const config of configs) {
      const [clock, ids, recording] = [createFakeClock(), createCountingIds(), createRecording()];
      const { obs } = createTestHost({ clock, ids, config, plugins: { recording: recording.plugin } });
      emitAll(obs);
      expect([clock.reads, ids.drawn, recording.all.length]).to.deep.equal([0, 0, 0]);
    }
  });

  for (const signal of SIGNALS) {
    it(`leaves the others on: ${signal}`, () => {
      const recording = createRecording();
      const config = { signals: { [signal]: { enabled: false } } };
      const { obs } = createTestHost({ config, plugins: { recording: recording.plugin } });
      emitAll(obs);
      const seen = SIGNALS.filter((each) => recording.events[each].length > 0);
      expect(seen).to.deep.equal(SIGNALS.filter((each) => each !== signal));
    });
  }

  it('is one that only plugins for other signals listen to', () => {
    const recording = createRecording({ signals: ['logs'] });
    const ids = createCountingIds();
    const { obs } = createTestHost({ ids, plugins: { recording: recording.plugin } });
    emitAll(obs);
    expect(recording.all.map(({ type }) => type)).to.deep.equal(['log']);
    expect(ids.drawn).to.equal(1);
  });
});

describe('a cached emitter', () => {
  it('follows when a listener comes and goes', async () => {
    const { obs } = createTestHost();
    const counter = obs.metrics.counter('cached');
    const { info } = obs.logger;
    const { addScore, startSpan } = obs;
    const types: string[] = [];
    const emit = () => {
      counter.add();
      info('x');
      addScore({ scorerId: 's', score: 1 });
      startSpan({ name: 'x' });
    };
    emit();
    const unsubscribe = obs.bus.subscribe(({ type }) => {
      types.push(type);
    });
    emit();
    await obs.flush();
    expect(types).to.deep.equal(['metric', 'log', 'score', 'span.started']);
    unsubscribe();
    emit();
    await obs.flush();
    expect(types).to.have.length(4);
  });
});
