import { expect } from 'chai';
import { DELIVERY_DEFAULTS } from '../../../core/delivery/options.ts';
import type { ObservabilityEvent } from '../../../core/signals/index.ts';
import { createTestHost } from '../../kit/host.ts';
import { createRecording } from '../../kit/recording.ts';
import { createGate, item, NEVER } from '../delivery/deliver.ts';
import { logEvent, metricEvent } from '../events.ts';
import { pluginOf, settled } from '../plugins.ts';

/** An entry of a plugin that takes the messages of logs in batches. */
function slowReceiver(receive: (messages: string[]) => Promise<void>) {
  const plugin = pluginOf((host) =>
    host.deliver.logs((batch) => receive(batch.map(({ record }) => record.message))),
  );
  return { plugin };
}

describe('bus.ingest', () => {
  it('holds the source back while queues are full, so that nothing of 50,000 events is dropped', async () => {
    const received: string[] = [];
    let most = 0;
    const host = createTestHost({
      plugins: {
        store: {
          ...slowReceiver(async (messages) => {
            most = Math.max(most, host.wired.deliveries.left.pending);
            await new Promise((resolve) => setImmediate(resolve));
            received.push(...messages);
          }),
          delivery: { queueItems: 600, maxItems: 250 },
        },
      },
    });
    await host.start();
    const events = Array.from({ length: 50_000 }, (_, n) => logEvent(n));
    expect(await host.obs.bus.ingest(events)).to.equal(50_000);
    expect((await host.obs.flush()).isComplete).to.equal(true);
    expect(received).to.deep.equal(events.map(({ record }) => record.message));
    expect(most).to.be.at.most(600 + 250);
    expect(host.obs.diagnostics().plugins['store']!.signals.logs).to.deep.include({
      accepted: 50_000,
      delivered: 50_000,
      dropped: {},
    });
  });

  it('drops nothing when many sources feed a queue of one at the same time', async () => {
    let received = 0;
    const host = createTestHost({
      plugins: {
        store: {
          ...slowReceiver(async (messages) => {
            received += messages.length;
          }),
          delivery: { queueItems: 1, maxItems: 1 },
        },
      },
    });
    await host.start();
    const sources = Array.from({ length: 20 }, (_, s) =>
      host.obs.bus.ingest([logEvent(s), logEvent(100 + s)]),
    );
    await Promise.all(sources);
    await host.obs.flush();
    expect(received).to.equal(40);
    expect(host.obs.diagnostics().plugins['store']!.signals.logs).to.deep.include({ dropped: {} });
  });

  it('waits for memory that other queues hold', async () => {
    const gate = createGate();
    const host = createTestHost({ plugins: { logs: slowReceiver(async () => {}) } });
    const { deliveries } = host.wired;
    const hog = deliveries.add<{ n: number }>({
      key: 'hog',
      signal: 'metrics',
      send: () => gate.promise,
      options: { ...DELIVERY_DEFAULTS, queueBytes: 1e9, maxItems: 1, timeoutMs: 60_000 },
      isRedeliverySafe: true,
    });
    for (let n = 0; n < 127; n++) hog.offer(item(n, 1_000_000));
    await host.start();
    const event = logEvent(1);
    event.record.data = 'x'.repeat(2_000_000);
    let isDone = false;
    const ingested = host.obs.bus.ingest([event]).then(() => {
      isDone = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(isDone).to.equal(false);
    gate.open();
    hog.open();
    await hog.flush(5_000);
    await ingested;
    await host.obs.flush();
    expect(host.obs.diagnostics().plugins['logs']!.signals.logs).to.deep.include({
      delivered: 1,
      dropped: {},
    });
  });

  it('goes on, and says so, when the plugin is closed while it waits', async () => {
    const host = createTestHost({
      plugins: { store: { ...slowReceiver(() => NEVER), delivery: { queueItems: 2, maxItems: 1 } } },
    });
    await host.start();
    const ingested = host.obs.bus.ingest(Array.from({ length: 10 }, (_, n) => logEvent(n)));
    await settled();
    await host.obs.shutdown({ deadlineMs: 50 });
    const accepted = await ingested;
    const { emitted, plugins } = host.obs.diagnostics();
    expect(accepted).to.be.lessThan(10);
    expect(emitted.logs).to.deep.equal({ count: accepted, dropped: { after_shutdown: 10 - accepted } });
    expect(plugins['store']!.signals.logs).to.deep.include({ accepted, dropped: { shutdown: accepted } });
  });

  it('leaves out what is no event, what nobody hears, and signals that are off', async () => {
    const recording = createRecording({ signals: ['logs', 'metrics'] });
    const { obs, warnings } = createTestHost({
      config: { signals: { metrics: { enabled: false } } },
      plugins: { recording: recording.plugin },
    });
    const events = [logEvent(1), { type: 'nonsense' } as never, metricEvent(2), null as never, logEvent(3)];
    expect(await obs.bus.ingest(events)).to.equal(2);
    expect(recording.events.logs.map(({ record }) => record.message)).to.deep.equal(['1', '3']);
    expect(recording.events.metrics).to.deep.equal([]);
    expect(warnings).to.have.length(1);
  });

  it('is allowed from within a tap, after the tap has returned', async () => {
    const seen: string[] = [];
    const host = createTestHost({
      plugins: {
        derive: pluginOf((own) => {
          const see = (event: ObservabilityEvent) => {
            if (event.type === 'log') void host.obs.bus.ingest([metricEvent(1)]);
            seen.push(event.type);
          };
          own.hooks.logs.tap(see);
          own.hooks.metrics.tap(see);
        }),
      },
    });
    host.obs.logger.info('message');
    expect(seen).to.deep.equal(['log']);
    await settled();
    expect(seen).to.deep.equal(['log', 'metric']);
  });

  it('does not change the events of the source', async () => {
    const recording = createRecording({ signals: ['logs'] });
    const { obs } = createTestHost({ plugins: { recording: recording.plugin } });
    const event = logEvent(1);
    const copy = structuredClone(event);
    await obs.bus.ingest([event]);
    expect(event).to.deep.equal(copy);
    expect(Object.getOwnPropertySymbols(event)).to.deep.equal([]);
    expect(recording.events.logs[0]).to.deep.include({ id: event.id, timeUnixMicro: event.timeUnixMicro });
  });
});
