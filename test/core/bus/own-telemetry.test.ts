import { expect } from 'chai';
import { runSilenced } from '../../../core/context/context.ts';
import { definePlugin, type Plugin } from '../../../core/contract/plugin.ts';
import type { BaseObservabilityInstance } from '../../../core/instance.ts';
import { type ObservabilityEvent, SIGNALS, type Signal } from '../../../core/signals/index.ts';
import { createTestHost } from '../../kit/host.ts';
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

describe('telemetry from inside a tap', () => {
  it('is cut at depth one, for every signal, and counted', () => {
    const recording = createRecording();
    let obs: BaseObservabilityInstance | undefined;
    const chatty = tapping('chatty', () => obs && emitAll(obs), ['logs']);
    ({ obs } = createTestHost({ plugins: { chatty, recording: recording.plugin } }));
    obs.logger.info('one');
    expect(recording.all.map(({ type }) => type)).to.deep.equal(['log']);
    const { emitted } = obs.diagnostics();
    expect(emitted.logs).to.deep.equal({ count: 1, dropped: { inside_tap: 1 } });
    for (const signal of ['tracing', 'metrics', 'scores', 'feedback'] as const)
      expect(emitted[signal]).to.deep.equal({ count: 0, dropped: { inside_tap: 1 } });
    obs.logger.info('two');
    expect(recording.all).to.have.length(2);
  });

  it('is cut too when the tap makes it later, behind an await', async () => {
    const recording = createRecording();
    let obs: BaseObservabilityInstance | undefined;
    const later = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      obs!.trace('about the tap', () => obs!.logger.info('about the tap'));
    };
    let done: Promise<void> | undefined;
    const chatty = tapping('chatty', () => {
      done = later();
    }, ['logs']);
    ({ obs } = createTestHost({ plugins: { chatty, recording: recording.plugin } }));
    obs.logger.info('one');
    await done;
    expect(recording.all.map(({ type }) => type)).to.deep.equal(['log']);
  });

  it('goes out again after a tap that threw', () => {
    const recording = createRecording();
    const broken = tapping('broken', () => {
      throw new Error('broken');
    });
    const { obs } = createTestHost({ plugins: { broken, recording: recording.plugin } });
    emitAll(obs);
    emitAll(obs);
    expect(recording.all).to.have.length(12);
    expect(obs.diagnostics().plugins['broken']?.tapFailures).to.deep.equal({
      tracing: 4,
      metrics: 2,
      logs: 2,
      scores: 2,
      feedback: 2,
    });
  });
});

describe('telemetry from inside a send', () => {
  it('is cut and counted, also behind an await', async () => {
    let obs: BaseObservabilityInstance | undefined;
    let hasRun = false;
    const sender = definePlugin({
      name: 'sender',
      apiVersion: 1,
      kind: 'exporter',
      signals: SIGNALS,
      apply(host) {
        host.deliver.logs(async () => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          expect(obs!.currentSpan()).to.equal(undefined);
          emitAll(obs!);
          hasRun = true;
        });
      },
    }) as unknown as Plugin;
    const recording = createRecording();
    const host = createTestHost({ plugins: { sender, recording: recording.plugin } });
    obs = host.obs;
    await host.start();
    await obs.trace('request', async () => {
      host.obs.logger.info('one');
      await host.obs.flush();
    });
    expect(hasRun).to.equal(true);
    expect(recording.all.map(({ type }) => type)).to.deep.equal(['span.started', 'log', 'span.ended']);
    for (const signal of SIGNALS)
      expect(obs.diagnostics().emitted[signal].dropped, signal).to.deep.equal({ inside_tap: 1 });
    await obs.shutdown();
  });
});

describe('a span from outside that is used inside a send', () => {
  it('emits nothing there, since that would be telemetry about our own work', async () => {
    const recording = createRecording();
    const { obs } = createTestHost({ plugins: { recording: recording.plugin } });
    const span = obs.startSpan({ name: 'x' });
    await runSilenced(async () => {
      await null;
      span.addScore({ scorerId: 's', score: 1 });
      span.trace.addFeedback({ feedbackType: 'f', value: 1 });
      span.end();
    });
    expect(recording.all.map(({ type }) => type)).to.deep.equal(['span.started']);
    const { tracing, scores, feedback } = obs.diagnostics().emitted;
    expect(tracing).to.deep.equal({ count: 1, dropped: { inside_tap: 1 } });
    expect(scores).to.deep.equal({ count: 0, dropped: { inside_tap: 1 } });
    expect(feedback).to.deep.equal({ count: 0, dropped: { inside_tap: 1 } });
  });
});

describe('telemetry after shutdown', () => {
  it('reaches no plugin and is counted', async () => {
    const recording = createRecording();
    const { obs } = createTestHost({ plugins: { recording: recording.plugin } });
    await obs.shutdown();
    emitAll(obs);
    expect(recording.all).to.deep.equal([]);
    for (const signal of SIGNALS)
      expect(obs.diagnostics().emitted[signal], signal).to.deep.equal({
        count: 0,
        dropped: { after_shutdown: 1 },
      });
  });

  it('reaches no plugin either when its span began before', async () => {
    const recording = createRecording();
    const { obs } = createTestHost({ plugins: { recording: recording.plugin } });
    const span = obs.startSpan({ name: 'long' });
    await obs.shutdown();
    span.update({ output: 1 });
    span.error({ error: new Error('x') });
    expect(recording.types('long')).to.deep.equal(['span.started']);
    expect(obs.diagnostics().emitted.tracing).to.deep.equal({ count: 1, dropped: { after_shutdown: 3 } });
    expect(obs.trace('late', () => 'still runs')).to.equal('still runs');
  });

  it('leaves logs below the level uncounted', async () => {
    const recording = createRecording();
    const config = { signals: { logs: { level: 'warn' } } } as const;
    const { obs } = createTestHost({ config, plugins: { recording: recording.plugin } });
    await obs.shutdown();
    obs.logger.debug('never made');
    expect(obs.diagnostics().emitted.logs.dropped).to.deep.equal({});
  });
});
