import { expect } from 'chai';
import type { InitExporterOptions, ObservabilityExporter } from '../../../core/contract/exporter.ts';
import type { SendContext } from '../../../core/contract/send.ts';
import { AmbiguousError } from '../../../core/delivery/outcome.ts';
import type { ObservabilityEvent, Signal } from '../../../core/signals/index.ts';
import { createTestHost } from '../../kit/host.ts';
import { emitAll, exporterHost, pluginOf } from '../plugins.ts';

/** An exporter that sends batches of traces and logs; its handlers fail the test. */
class Batches implements ObservabilityExporter {
  readonly name: string = 'batches';
  readonly sent: { signal: Signal; types: string[]; context: SendContext }[] = [];
  readonly delivery: ObservabilityExporter['delivery'];
  declare redelivery?: 'safe' | 'unsafe';
  failure: Error | undefined;

  constructor(delivery: ObservabilityExporter['delivery'] = {}) {
    this.delivery = delivery;
  }
  onTracingEvent(): never {
    throw new Error('the handler was called');
  }
  onLogEvent(): never {
    throw new Error('the handler was called');
  }
  async send(signal: Signal, batch: readonly ObservabilityEvent[], context: SendContext): Promise<void> {
    this.sent.push({ signal, types: batch.map(({ type }) => type), context });
    if (this.failure) throw this.failure;
  }
}

const typesOf = (exporter: Batches, signal: Signal) =>
  exporter.sent.filter((sent) => sent.signal === signal).map(({ types }) => types);

describe('exporters with a send', () => {
  it('get batches of the signals that they have a handler for, and their handlers are not called', async () => {
    const exporter = new Batches();
    const host = exporterHost(exporter);
    await host.start();
    emitAll(host);
    host.obs.logger.info('second');
    await host.obs.flush();
    expect(typesOf(exporter, 'logs')).to.deep.equal([['log', 'log']]);
    expect(typesOf(exporter, 'tracing')).to.deep.equal([['span.started', 'span.ended']]);
    expect(exporter.sent.map(({ signal }) => signal)).to.have.members(['logs', 'tracing']);
    expect(exporter.sent[0]!.context)
      .to.include({ attempt: 1 })
      .and.to.have.keys('attempt', 'batchId', 'abortSignal');
    expect(Object.keys(host.obs.diagnostics().plugins['exporter']!.signals)).to.have.members([
      'logs',
      'tracing',
    ]);
  });

  it('ask for kinds of events and sizes of batches; the entry has the last word', async () => {
    const exporter = new Batches({ tracing: { events: ['span.ended'] }, logs: { maxItems: 1 } });
    const plugin = pluginOf((host) => host.registerExporter(exporter));
    const host = createTestHost({ plugins: { exporter: { plugin, delivery: { maxItems: 2 } } } });
    await host.start();
    emitAll(host);
    for (const message of ['second', 'third']) host.obs.logger.info(message);
    await host.obs.flush();
    expect(typesOf(exporter, 'tracing')).to.deep.equal([['span.ended']]);
    expect(typesOf(exporter, 'logs')).to.deep.equal([['log', 'log'], ['log']]);
    expect(host.obs.diagnostics().plugins['exporter']!.signals.tracing).to.include({ accepted: 1 });
  });

  it('say whether an ambiguous send may be repeated, in place of the manifest', async () => {
    for (const redelivery of ['safe', 'unsafe'] as const) {
      const exporter = new Batches();
      Object.assign(exporter, { redelivery, failure: new AmbiguousError('reset') });
      const manifest = { redelivery: redelivery === 'safe' ? 'unsafe' : 'safe' } as const;
      const plugin = pluginOf((host) => host.registerExporter(exporter), manifest);
      const host = createTestHost({ plugins: { exporter: plugin }, random: () => 0 });
      await host.start();
      host.obs.logger.info('once');
      await host.obs.flush({ deadlineMs: 50 });
      const { dropped } = host.obs.diagnostics().plugins['exporter']!.signals.logs!;
      expect(dropped, redelivery).to.deep.equal(redelivery === 'safe' ? {} : { ambiguous: 1 });
      expect(exporter.sent.length > 1, redelivery).to.equal(redelivery === 'safe');
      await host.obs.shutdown({ deadlineMs: 1 });
    }
  });

  it('work in the same way when they are registered by hand', async () => {
    const exporter = new Batches({ tracing: { events: ['span.ended'] } });
    Object.assign(exporter, { redelivery: 'unsafe', failure: new AmbiguousError('reset') });
    const host = createTestHost();
    await host.start();
    host.obs.registerExporter(exporter);
    emitAll(host);
    await host.obs.flush();
    expect(typesOf(exporter, 'tracing')).to.deep.equal([['span.ended']]);
    expect(host.obs.diagnostics().plugins['batches']!.signals.tracing!.dropped).to.deep.equal({
      ambiguous: 1,
    });
  });

  it('are told at init who they are and given what the host has', async () => {
    const initialised: InitExporterOptions[] = [];
    const host = exporterHost({
      name: 'curious',
      init: (options) => void initialised.push(options),
      onLogEvent() {},
    });
    await host.start();
    const [told] = initialised;
    expect(told).to.include({ key: 'exporter', serviceName: 'test-service', environment: 'test' });
    expect(told!.resource).to.deep.equal({ serviceName: 'test-service', attributes: {} });
    expect([told!.dataDir, told!.version].map((text) => typeof text)).to.deep.equal(['string', 'string']);
    expect(told!.clock.unixMicro()).to.be.a('number');
    expect(told!.fetch).to.be.a('function');
  });
});

describe('exporters without a send', () => {
  it('may still ask for kinds of events, and get them one by one', async () => {
    const seen: string[] = [];
    const host = exporterHost({
      name: 'ended-only',
      delivery: { tracing: { events: ['span.ended'], maxItems: 100 } },
      onTracingEvent: ({ type }) => void seen.push(type),
    });
    await host.start();
    emitAll(host);
    emitAll(host);
    await host.obs.flush();
    expect(seen).to.deep.equal(['span.ended', 'span.ended']);
  });
});
