import { expect } from 'chai';
import { BaseExporter, handlersOf, type ObservabilityExporter } from '../../core/exporter.ts';
import { SIGNALS } from '../../core/signals/index.ts';
import type { ScoreEvent } from '../../core/signals/scores.ts';
import type { TracingEvent } from '../../core/signals/tracing.ts';
import { createTestHost, type TestHost } from '../kit/host.ts';
import { createRecording } from '../kit/recording.ts';
import { createGate, NEVER } from './delivery/deliver.ts';
import { pluginOf, settled } from './plugins.ts';

/** A host with one exporter under the key `exporter`, and somebody who listens to spans. */
function hostOf(exporter: ObservabilityExporter): TestHost {
  const listener = createRecording({ signals: ['tracing'] }).plugin;
  return createTestHost({
    plugins: { listener, exporter: pluginOf((host) => host.registerExporter(exporter)) },
  });
}

/** One event of each signal. */
function emitAll({ obs }: TestHost): void {
  obs.trace('work', (span) => {
    obs.logger.info('message');
    obs.metrics.counter('requests').add();
    span.addScore({ scorerId: 'judge', score: 0.5 });
    span.addFeedback({ feedbackType: 'thumbs', value: 1 });
  });
}

describe('exporters', () => {
  it('get the events of the signals that they have a handler for, and of no other', async () => {
    const seen: string[] = [];
    const host = hostOf({
      name: 'partial',
      onMetricEvent: ({ name }) => void seen.push(`metric ${name}`),
      onFeedbackEvent: ({ feedback }) => void seen.push(`feedback ${feedback.feedbackType}`),
    });
    await host.start();
    emitAll(host);
    await host.obs.flush();
    expect(seen.sort()).to.deep.equal(['feedback thumbs', 'metric requests']);
    expect(Object.keys(host.obs.diagnostics().plugins['exporter']!.signals)).to.have.members([
      'metrics',
      'feedback',
    ]);
  });

  it('support all five signals with all five handlers, called on the exporter itself', async () => {
    class Everything implements ObservabilityExporter {
      readonly name = 'everything';
      readonly seen: string[] = [];
      onTracingEvent(event: TracingEvent) {
        this.seen.push(event.type);
      }
      onMetricEvent() {
        this.seen.push('metric');
      }
      onLogEvent() {
        this.seen.push('log');
      }
      onScoreEvent() {
        this.seen.push('score');
      }
      onFeedbackEvent() {
        this.seen.push('feedback');
      }
    }
    const exporter = new Everything();
    const host = hostOf(exporter);
    await host.start();
    emitAll(host);
    await host.obs.flush();
    expect(exporter.seen.sort()).to.deep.equal([
      'feedback',
      'log',
      'metric',
      'score',
      'span.ended',
      'span.started',
    ]);
    expect(Object.keys(handlersOf(exporter))).to.have.members([...SIGNALS]);
  });

  describe('of the older interface', () => {
    const seen: string[] = [];
    beforeEach(() => {
      seen.length = 0;
    });
    class Method extends BaseExporter {
      readonly name: string = 'method';
    }
    Object.defineProperty(Method.prototype, 'exportTracingEvent', {
      value(this: Method, event: TracingEvent) {
        seen.push(`${this.name} ${event.type}`);
      },
      configurable: true,
    });
    class Field extends BaseExporter {
      readonly name = 'field';
      override exportTracingEvent = (event: TracingEvent) => void seen.push(`${this.name} ${event.type}`);
    }
    class Silent extends BaseExporter {
      readonly name = 'silent';
    }
    class Inherited extends Method {
      override readonly name = 'inherited';
    }
    const plain: ObservabilityExporter = {
      name: 'plain',
      exportTracingEvent: ({ type }) => void seen.push(`plain ${type}`),
    };

    for (const exporter of [plain, new Method(), new Field(), new Inherited()]) {
      it(`work with only exportTracingEvent, as: ${exporter.name}`, async () => {
        const host = hostOf(exporter);
        await host.start();
        emitAll(host);
        await host.obs.flush();
        expect(seen).to.deep.equal([`${exporter.name} span.started`, `${exporter.name} span.ended`]);
      });
    }

    it('show onTracingEvent where, and only where, exportTracingEvent exists', () => {
      expect(new Method().onTracingEvent).to.be.a('function');
      expect(new Field().onTracingEvent).to.be.a('function');
      expect(new Silent().onTracingEvent).to.equal(undefined);
      expect(handlersOf(new Silent())).to.deep.equal({});
      expect(Object.keys(handlersOf(new Field()))).to.deep.equal(['tracing']);
    });

    it('may set onTracingEvent themselves', () => {
      const exporter = new Silent();
      const own = () => undefined;
      exporter.onTracingEvent = own;
      expect(exporter.onTracingEvent).to.equal(own);
      expect(new Silent().onTracingEvent).to.equal(undefined);
    });

    it('are called through onTracingEvent alone where they have both', async () => {
      const host = hostOf({
        name: 'both',
        onTracingEvent: ({ type }) => void seen.push(`new ${type}`),
        exportTracingEvent: ({ type }) => void seen.push(`old ${type}`),
      });
      await host.start();
      emitAll(host);
      await host.obs.flush();
      expect(seen).to.deep.equal(['new span.started', 'new span.ended']);
    });

    it('get scores by addScoreToTrace, with the name of the scorer and the ids', async () => {
      const scores: unknown[] = [];
      const host = hostOf({ name: 'scores', addScoreToTrace: (score) => void scores.push(score) });
      await host.start();
      const { traceId, id } = host.obs.trace('work', (span) => {
        span.addScore({ scorerId: 'judge', score: 0.5, reason: 'fair', metadata: { a: 1 } });
        span.trace.addScore({ scorerId: 'judge', scorerName: 'The judge', score: 1 });
        span.addScore({ scorerId: 'judge', label: 'only a word' });
        return span;
      });
      host.obs.addScore({ scorerId: 'judge', score: 1 });
      await host.obs.flush();
      expect(scores).to.deep.equal([
        { traceId, spanId: id, score: 0.5, scorerName: 'judge', reason: 'fair', metadata: { a: 1 } },
        { traceId, score: 1, scorerName: 'The judge' },
      ]);
    });

    it('are not called by addScoreToTrace where they have onScoreEvent', async () => {
      const calls: string[] = [];
      const host = hostOf({
        name: 'scores',
        onScoreEvent: ({ score }: ScoreEvent) => void calls.push(score.scorerId),
        addScoreToTrace: () => void calls.push('deprecated'),
      });
      await host.start();
      emitAll(host);
      await host.obs.flush();
      expect(calls).to.deep.equal(['judge']);
    });
  });

  it('are given a logger and initialised before the first event, flushed, and shut down, each once', async () => {
    const calls: unknown[] = [];
    const opened = createGate();
    const host = hostOf({
      name: 'steps',
      __setLogger: (logger) => void calls.push(['logger', Object.keys(logger)]),
      init: async ({ serviceName, environment, logger }) => {
        await opened.promise;
        calls.push(['init', serviceName, environment, Object.keys(logger)]);
      },
      onLogEvent: ({ record }) => void calls.push(record.message),
      flush: async () => void calls.push('flush'),
      shutdown: async () => void calls.push('shutdown'),
    });
    const started = host.start();
    host.obs.logger.info('waits for init');
    await settled();
    opened.open();
    await started;
    await host.obs.flush();
    await host.obs.shutdown();
    await host.obs.shutdown();
    const levels = ['debug', 'info', 'warn', 'error'];
    expect(calls).to.deep.equal([
      ['logger', levels],
      ['init', 'test-service', 'test', levels],
      'waits for init',
      'flush',
      'flush',
      'shutdown',
    ]);
  });

  it('are not asked to flush any more once they were shut down', async () => {
    const calls: string[] = [];
    const host = hostOf({
      name: 'steps',
      flush: async () => void calls.push('flush'),
      shutdown: async () => void calls.push('shutdown'),
    });
    await host.start();
    await host.obs.shutdown();
    calls.length = 0;
    expect(await host.obs.flush()).to.deep.equal({ isComplete: true, level: 'memory', pending: 0 });
    expect(calls).to.deep.equal([]);
  });

  it('are handed the next event of a signal only when the promise of their handler has settled', async () => {
    const gates = [createGate(), createGate()];
    const seen: string[] = [];
    const host = hostOf({
      name: 'slow',
      onLogEvent: async ({ record }) => {
        seen.push(record.message);
        await gates[seen.length - 1]?.promise;
      },
      onMetricEvent: () => void seen.push('metric'),
    });
    await host.start();
    host.obs.logger.info('first');
    host.obs.logger.info('second');
    await settled();
    expect(seen).to.deep.equal(['first']);
    host.obs.metrics.counter('requests').add();
    await settled();
    expect(seen).to.deep.equal(['first', 'metric']);
    gates[0]!.open();
    await settled();
    expect(seen).to.deep.equal(['first', 'metric', 'second']);
    gates[1]!.open();
    expect((await host.obs.flush()).isComplete).to.equal(true);
  });

  it('are handed an event again when their handler rejects', async () => {
    let attempts = 0;
    const host = createTestHost({
      random: () => 0,
      plugins: {
        exporter: pluginOf((own) =>
          own.registerExporter({
            name: 'again',
            onLogEvent: async () => {
              if (++attempts < 3) throw new Error('busy');
            },
          }),
        ),
      },
    });
    await host.start();
    host.obs.logger.info('message');
    await host.obs.flush();
    expect(attempts).to.equal(3);
    expect(host.obs.diagnostics().plugins['exporter']!.signals.logs).to.deep.include({
      accepted: 1,
      delivered: 1,
      dropped: {},
    });
  });

  it('mean nothing by what their handlers return', async () => {
    const host = hostOf({
      name: 'returns',
      onLogEvent: (async () => ({ rejected: [{ index: 0, reason: 'an answer of some client' }] })) as never,
    });
    await host.start();
    host.obs.logger.info('message');
    await host.obs.flush();
    expect(host.obs.diagnostics().plugins['exporter']!.signals.logs).to.deep.include({
      delivered: 1,
      dropped: {},
    });
  });

  it('do not hold each other up: one that hangs changes nothing for its neighbour', async () => {
    const seen: string[] = [];
    const register = (exporter: ObservabilityExporter) => pluginOf((host) => host.registerExporter(exporter));
    const { obs, start } = createTestHost({
      plugins: {
        hanging: register({ name: 'hanging', onLogEvent: () => NEVER }),
        fine: register({ name: 'fine', onLogEvent: ({ record }) => void seen.push(record.message) }),
      },
    });
    await start();
    for (let n = 0; n < 50; n++) obs.logger.info(String(n));
    const result = await obs.flush({ deadlineMs: 100 });
    expect(seen).to.have.length(50);
    expect(result.isComplete).to.equal(false);
    expect(result.pending).to.equal(50);
    await obs.shutdown({ deadlineMs: 100 });
  });

  describe('registered on a running instance', () => {
    it('get what is emitted from then on', async () => {
      const seen: string[] = [];
      const { obs } = createTestHost();
      obs.logger.info('before');
      obs.registerExporter({
        name: 'late',
        init: async () => void seen.push('init'),
        onLogEvent: ({ record }) => void seen.push(record.message),
        shutdown: async () => void seen.push('shutdown'),
      });
      obs.logger.info('after');
      await obs.flush();
      await obs.shutdown();
      expect(seen).to.deep.equal(['init', 'after', 'shutdown']);
    });

    it('are refused with a warning where their name is taken, and leave the owner of the name alone', async () => {
      const calls: string[] = [];
      const exporter = (label: string): ObservabilityExporter => ({
        name: 'twin',
        init: () => void calls.push(`init ${label}`),
        onLogEvent: ({ record }) => void calls.push(`${label} ${record.message}`),
      });
      const { obs, warnings } = createTestHost();
      obs.registerExporter(exporter('first'));
      obs.registerExporter(exporter('second'));
      obs.logger.info('message');
      await obs.flush();
      expect(calls).to.deep.equal(['init first', 'first message']);
      expect(warnings).to.deep.equal([
        'obs WARN an exporter was not registered: OBS_PLUGIN_DUPLICATE: "twin" is registered already',
      ]);
    });

    it('are refused with a warning when they are no exporters, never with an exception', () => {
      const { obs, warnings } = createTestHost();
      const wrong = [undefined, null, {}, { name: '' }, { name: 'x', onLogEvent: true }, 'x'];
      for (const exporter of wrong) obs.registerExporter(exporter as never);
      expect(warnings).to.have.length.within(1, wrong.length);
      expect(warnings.join('\n')).to.include('OBS_PLUGIN_MANIFEST: an exporter needs a name, got undefined');
      expect(Object.keys(obs.diagnostics().plugins)).to.deep.equal([]);
    });

    it('are refused after the shutdown, so that nothing opens that nobody closes', async () => {
      let opened = 0;
      const { obs, warnings } = createTestHost();
      await obs.shutdown();
      obs.registerExporter({ name: 'late', init: () => void opened++, onLogEvent: () => {} });
      await settled();
      expect(opened).to.equal(0);
      expect(warnings[0]).to.include('OBS_HOST_SEALED: "late" is registered after the shutdown');
    });
  });
});
