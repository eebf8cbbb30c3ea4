import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { Deliveries } from '../../core/delivery/deliveries.ts';
import { DELIVERY_DEFAULTS } from '../../core/delivery/options.ts';
import { DiagnosticsBook } from '../../core/diagnostics.ts';
import { BaseObservabilityEventBus, type EventBusOptions } from '../../core/event-bus.ts';
import type { ObservabilityEvent } from '../../core/signals/index.ts';
import { createTestHost } from '../kit/host.ts';
import { createRecording } from '../kit/recording.ts';
import { createGate, item, NEVER } from './delivery/deliver.ts';
import { logEvent, metricEvent } from './events.ts';
import { pluginOf, settled } from './plugins.ts';

/** An entry of a plugin that takes the messages of logs in batches. */
function slowReceiver(receive: (messages: string[]) => Promise<void>) {
  const plugin = pluginOf((host) =>
    host.deliver.logs((batch) => receive(batch.map(({ record }) => record.message))),
  );
  return { plugin };
}

function createBus(options?: EventBusOptions) {
  const warnings: string[] = [];
  const book = new DiagnosticsBook((line) => warnings.push(line));
  const deliveries = new Deliveries({
    book,
    budget: { limit: 1e9, used: 0 },
    newBatchId: () => 'id',
    random: () => 0,
  });
  return { bus: new BaseObservabilityEventBus<{ n: number }>(deliveries, options), book, warnings };
}

describe('the base bus', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('hands every event to every subscriber, in order, one after the other', async () => {
    const { bus } = createBus();
    const seen: string[] = [];
    bus.subscribe(async ({ n }) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      seen.push(`slow ${n}`);
    });
    bus.subscribe(({ n }) => void seen.push(`fast ${n}`));
    for (const n of [1, 2, 3]) bus.emit({ n });
    const flushed = bus.flush();
    await timers.tickAsync(100);
    expect(await flushed).to.deep.equal({ isComplete: true, level: 'memory', pending: 0 });
    expect(seen).to.deep.equal(['fast 1', 'fast 2', 'fast 3', 'slow 1', 'slow 2', 'slow 3']);
  });

  it('hands over as soon as bufferSize events wait, by default 100', async () => {
    for (const [options, size] of [
      [{}, 100],
      [{ bufferSize: 5 }, 5],
    ] as const) {
      const { bus } = createBus(options);
      const seen: number[] = [];
      bus.subscribe(({ n }) => void seen.push(n));
      for (let n = 1; n < size; n++) bus.emit({ n });
      await timers.tickAsync(900);
      expect(seen).to.deep.equal([]);
      bus.emit({ n: size });
      await timers.tickAsync(1);
      expect(seen).to.have.length(size);
    }
  });

  it('hands over after flushIntervalMs at the latest, by default a second', async () => {
    for (const [options, ms] of [
      [{}, 1_000],
      [{ flushIntervalMs: 50 }, 50],
    ] as const) {
      const { bus } = createBus(options);
      const seen: number[] = [];
      bus.subscribe(({ n }) => void seen.push(n));
      bus.emit({ n: 1 });
      await timers.tickAsync(ms - 1);
      expect(seen).to.deep.equal([]);
      await timers.tickAsync(2);
      expect(seen).to.deep.equal([1]);
    }
  });

  it('goes on after a handler that throws, and counts what it refused', async () => {
    const { bus, book, warnings } = createBus();
    const seen: number[] = [];
    bus.subscribe(({ n }) => {
      if (n === 2) throw new Error('not this one');
      seen.push(n);
    });
    for (const n of [1, 2, 3]) bus.emit({ n });
    const flushed = bus.flush();
    await timers.tickAsync(10);
    await flushed;
    expect(seen).to.deep.equal([1, 3]);
    expect(book.report().subscribers['subscriber-1']).to.deep.include({
      accepted: 3,
      delivered: 2,
      dropped: { rejected: 1 },
    });
    expect(warnings).to.deep.equal([
      'obs ERROR plugin "subscriber-1" lost 1 events (rejected): not this one',
    ]);
  });

  it('takes its time for a slow handler: the time limit is that of one event, not of a buffer full', async () => {
    const { bus, book } = createBus({ bufferSize: 10 });
    let seen = 0;
    bus.subscribe(async ({ n }) => {
      await new Promise((resolve) => setTimeout(resolve, n === 3 ? 3_600_000 : 20_000));
      seen++;
    });
    for (let n = 1; n <= 10; n++) bus.emit({ n });
    await timers.tickAsync(9 * 20_000 + 30_000 + 1_000);
    expect(seen).to.equal(9);
    expect(book.report().subscribers['subscriber-1']).to.deep.include({
      delivered: 9,
      dropped: { rejected: 1 },
    });
  });

  it('hands a subscriber that has left what was emitted before, and nothing after', async () => {
    const { bus, book } = createBus();
    const seen: number[] = [];
    const unsubscribe = bus.subscribe(({ n }) => void seen.push(n));
    bus.emit({ n: 1 });
    unsubscribe();
    bus.emit({ n: 2 });
    unsubscribe();
    await timers.tickAsync(2_000);
    expect(seen).to.deep.equal([1]);
    expect(bus.hasSubscribers).to.equal(false);
    expect(book.report().subscribers).to.deep.equal({});
  });

  it('forgets subscribers that come and go, however many', async () => {
    const { bus, book } = createBus();
    for (let n = 0; n < 100; n++) {
      const unsubscribe = bus.subscribe(() => {});
      bus.emit({ n });
      unsubscribe();
      await timers.tickAsync(10);
    }
    expect(book.report().subscribers).to.deep.equal({});
    expect((await bus.flush()).pending).to.equal(0);
  });

  it('keeps a subscriber that hangs from holding up the others', async () => {
    const { bus } = createBus();
    const seen: number[] = [];
    bus.subscribe(() => NEVER);
    bus.subscribe(({ n }) => void seen.push(n));
    bus.emit({ n: 1 });
    const flushed = bus.flush({ deadlineMs: 500 });
    await timers.tickAsync(500);
    expect(seen).to.deep.equal([1]);
    expect(await flushed).to.deep.equal({ isComplete: false, level: 'memory', pending: 1 });
  });

  it('counts as dropped what is emitted after the shutdown, also for those who subscribe then', async () => {
    const { bus, book } = createBus();
    const seen: number[] = [];
    bus.subscribe(({ n }) => void seen.push(n));
    await bus.shutdown();
    bus.emit({ n: 1 });
    bus.subscribe(({ n }) => void seen.push(n));
    await timers.tickAsync(10);
    bus.emit({ n: 2 });
    await timers.tickAsync(5_000);
    expect(seen).to.deep.equal([]);
    expect(book.report().subscribers).to.deep.include({
      'subscriber-2': {
        ...book.report().subscribers['subscriber-1']!,
        accepted: 1,
        dropped: { shutdown: 1 },
      },
    });
  });
});

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

  describe('ingest', () => {
    it('holds the source back while queues are full, so that nothing of 50,000 events is dropped', async () => {
      const received: string[] = [];
      let most = 0;
      const host = createTestHost({
        plugins: {
          store: {
            ...slowReceiver(async (messages) => {
              most = Math.max(most, host.wired.deliveries.pending());
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
});
