import { expect } from 'chai';
import { definePlugin, type Plugin } from '../../../core/contract/plugin.ts';
import { type ObservabilityEvent, SIGNALS, type Signal } from '../../../core/signals/index.ts';
import { createTestHost } from '../../kit/host.ts';
import { createRecording } from '../../kit/recording.ts';

function tapping(
  name: string,
  tap: (event: ObservabilityEvent) => void,
  signals: readonly Signal[] = SIGNALS,
): Plugin {
  const apply: Plugin['apply'] = (host) => {
    for (const signal of signals) host.hooks[signal].tap(tap);
  };
  return definePlugin({ name, apiVersion: 1, kind: 'exporter', signals, apply }) as unknown as Plugin;
}

describe('a tap that changes an event', () => {
  for (const environment of ['development', 'test']) {
    it(`fails by name in ${environment}, and nobody sees its change`, () => {
      const mutator = tapping('mutator', (event) => {
        if (event.type === 'log') (event.record.data as { list: number[] }).list.push(99);
        if ('exportedSpan' in event) event.exportedSpan.name = 'changed';
        if (event.type === 'metric') event.labels['added'] = 'x';
      });
      const recording = createRecording();
      const { obs, warnings } = createTestHost({
        config: { environment },
        plugins: { mutator, recording: recording.plugin },
      });
      obs.logger.info('x', { list: [1] });
      obs.startSpan({ name: 'original' });
      obs.metrics.counter('c').add(1, { a: 'b' });
      expect(recording.events.logs[0]?.record.data).to.deep.equal({ list: [1] });
      expect(recording.types('original')).to.deep.equal(['span.started']);
      expect(recording.events.metrics[0]?.labels).to.deep.equal({ a: 'b' });
      expect(obs.diagnostics().plugins['mutator']?.tapFailures).to.deep.equal({
        logs: 1,
        tracing: 1,
        metrics: 1,
      });
      expect(warnings.some((line) => line.includes('"mutator"'))).to.equal(true);
    });
  }

  it('is not looked for in production, where freezing costs more than sending', () => {
    const recording = createRecording();
    const { obs } = createTestHost({
      config: { environment: 'production' },
      plugins: { recording: recording.plugin },
    });
    obs.logger.info('x', {});
    expect(Object.isFrozen(recording.events.logs[0])).to.equal(false);
  });

  it('could reach no part of any event: all are frozen through and through', () => {
    const recording = createRecording();
    const { obs } = createTestHost({ plugins: { recording: recording.plugin } });
    obs.trace('x', { input: { deep: [{ er: 1 }] }, metadata: { m: {} }, tags: ['t'] }, (span) => {
      obs.logger.info('x', { deep: [{}] });
      span.addScore({ scorerId: 's', score: 1, metadata: { a: {} } });
    });
    const assertFrozen = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      expect(Object.isFrozen(value)).to.equal(true);
      for (const entry of Object.values(value)) assertFrozen(entry);
    };
    expect(recording.all).to.have.length(4);
    for (const event of recording.all) assertFrozen(event);
  });
});
