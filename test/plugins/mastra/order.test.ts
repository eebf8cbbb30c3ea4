import { expect } from 'chai';
import sinon from 'sinon';
import type { Plugin } from '../../../core/index.ts';
import { fromMastra } from '../../../plugins/mastra/index.ts';
import { createTestHost } from '../../kit/host.ts';
import { RecordingExporter } from './recording-exporter.ts';

describe('fromMastra: the order of spans and what is said about them', () => {
  let exporter: RecordingExporter;
  let release: () => void;

  /** An exporter that takes the first span only when it is released. */
  beforeEach(() => {
    exporter = new RecordingExporter(['onScoreEvent', 'onFeedbackEvent']);
    const isReleased = new Promise<void>((resolve) => {
      release = resolve;
    });
    const take = exporter.exportTracingEvent.bind(exporter);
    exporter.exportTracingEvent = async (event) => {
      await isReleased;
      await take(event);
    };
  });

  async function hostOf() {
    const host = createTestHost({ plugins: { vendor: fromMastra(exporter).use as Plugin } });
    await host.start();
    return host;
  }

  it('a score and feedback reach the exporter behind the spans that were emitted before them', async () => {
    const { obs } = await hostOf();
    const span = obs.startSpan({ name: 'work' });
    span.addScore({ scorerId: 'judge', score: 1 });
    span.addFeedback({ feedbackType: 'thumbs', value: 1 });
    span.end();
    const flushed = obs.flush();
    setImmediate(release);
    await flushed;
    const tracing = exporter.calls.indexOf('span_started work');
    expect(tracing).to.be.above(-1);
    expect(exporter.calls.indexOf('onScoreEvent')).to.be.above(tracing);
    expect(exporter.calls.indexOf('onFeedbackEvent')).to.be.above(tracing);
  });

  it('a score on another trace, or on one that is long over, does not wait', async () => {
    const { obs } = await hostOf();
    obs.startSpan({ name: 'work' });
    obs.addScore({ traceId: '0'.repeat(31).concat('1'), scorerId: 'judge', score: 1 });
    while (!exporter.calls.includes('onScoreEvent')) await new Promise(setImmediate);
    expect(exporter.tracing).to.have.length(0);
    release();
    await obs.shutdown();
  });

  it('a score waits five seconds at most for a span that never comes', async () => {
    const { obs } = await hostOf();
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      obs.startSpan({ name: 'work' }).addScore({ scorerId: 'judge', score: 1 });
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      await clock.tickAsync(4_999);
      expect(exporter.calls).to.not.include('onScoreEvent');
      await clock.tickAsync(2);
      expect(exporter.calls).to.include('onScoreEvent');
    } finally {
      clock.restore();
    }
    release();
    await obs.shutdown();
  });
});
