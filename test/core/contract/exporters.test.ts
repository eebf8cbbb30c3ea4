import { expect } from 'chai';
import {
  handlersOf,
  type InitExporterOptions,
  type ObservabilityExporter,
} from '../../../core/contract/exporter.ts';
import { SIGNALS } from '../../../core/signals/index.ts';
import type { TracingEvent } from '../../../core/signals/tracing.ts';
import { createTestHost } from '../../kit/host.ts';
import { createGate, NEVER } from '../delivery/deliver.ts';
import { emitAll, exporterHost, pluginOf, settled } from '../plugins.ts';

describe('exporters', () => {
  it('get the events of the signals that they have a handler for, and of no other', async () => {
    const seen: string[] = [];
    const host = exporterHost({
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

  it('may see tracing events as they are emitted, which is no support of the signal', async () => {
    const seen: string[] = [];
    const host = exporterHost({
      name: 'watching',
      onScoreEvent() {},
      tapTracing: ({ type, exportedSpan }) => void seen.push(`${type} ${exportedSpan.name}`),
    });
    const span = host.obs.startSpan({ name: 'agent' });
    expect(seen).to.deep.equal(['span.started agent']);
    span.end();
    expect(seen).to.deep.equal(['span.started agent', 'span.ended agent']);
    expect(Object.keys(host.obs.diagnostics().plugins['exporter']!.signals)).to.deep.equal(['scores']);
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
    const host = exporterHost(exporter);
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

  it('are given a logger and initialised before the first event, flushed, and shut down, each once', async () => {
    const calls: unknown[] = [];
    const opened = createGate();
    const host = exporterHost({
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
    const host = exporterHost({
      name: 'steps',
      flush: async () => void calls.push('flush'),
      shutdown: async () => void calls.push('shutdown'),
    });
    await host.start();
    await host.obs.shutdown();
    calls.length = 0;
    expect(await host.obs.flush()).to.deep.equal({
      isComplete: true,
      level: 'memory',
      pending: 0,
      spooled: 0,
    });
    expect(calls).to.deep.equal([]);
  });

  it('are handed the next event of a signal only when the promise of their handler has settled', async () => {
    const gates = [createGate(), createGate()];
    const seen: string[] = [];
    const host = exporterHost({
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
    const host = exporterHost({
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

  it('may take back what they had taken: it counts as rejected, and never for more than they were given', async () => {
    let lost: InitExporterOptions['lost'] | undefined;
    const host = exporterHost({
      name: 'losing',
      init: (options) => {
        lost = options.lost;
      },
      onLogEvent: () => {},
    });
    await host.start();
    host.obs.logger.info('first');
    host.obs.logger.info('second');
    await host.obs.flush();
    const logs = () => host.obs.diagnostics().plugins['exporter']!.signals.logs!;
    lost!('logs', 1, 'HTTP 500');
    expect(logs()).to.deep.include({ accepted: 2, delivered: 1, dropped: { rejected: 1 } });
    expect(logs().lastError!.message).to.equal('HTTP 500');
    lost!('logs', 99, 'HTTP 500');
    lost!('logs', Number.NaN, 'nothing');
    expect(logs()).to.deep.include({ accepted: 2, delivered: 0, dropped: { rejected: 2 } });
    expect(logs().deadLetters).to.deep.equal({ written: 0, unwritten: 2 });
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
});
