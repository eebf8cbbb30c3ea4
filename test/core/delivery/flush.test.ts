import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { RetryableError } from '../../../core/delivery/outcome.ts';
import { createDelivery, createGate, createSink, item, items, NEVER, timed } from './deliver.ts';

describe('delivery: flush', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('sends everything that was accepted before, without waiting for company, in full batches', async () => {
    const sink = createSink();
    const { delivery } = createDelivery({ send: sink.send, options: { maxItems: 4, maxDelayMs: 60_000 } });
    for (const event of items(1, 6)) delivery.offer(event);
    const flushed = timed(delivery.flush(5_000));
    await timers.tickAsync(10);
    expect(flushed.value).to.equal(true);
    expect(sink.batches).to.deep.equal([
      [1, 2, 3, 4],
      [5, 6],
    ]);
  });

  it('is done at once when there is nothing to send', async () => {
    const { delivery } = createDelivery({ send: createSink().send });
    expect(await delivery.flush(5_000)).to.equal(true);
    expect(timers.countTimers()).to.be.at.most(1);
  });

  it('waits for the batch that is in flight, although the queue is empty', async () => {
    const gate = createGate();
    const { delivery } = createDelivery({ send: () => gate.promise, options: { maxItems: 2 } });
    for (const event of items(1, 2)) delivery.offer(event);
    await timers.tickAsync(1);
    expect(delivery.counts).to.deep.include({ queued: 0, inFlight: 2 });
    const flushed = timed(delivery.flush(5_000));
    await timers.tickAsync(1_000);
    expect(flushed).to.deep.equal({});
    gate.open();
    await timers.tickAsync(1);
    expect(flushed.value).to.equal(true);
  });

  it('does not wait for what was accepted after the call', async () => {
    const gates = [createGate(), createGate()];
    let sends = 0;
    const { delivery } = createDelivery({
      send: () => gates[sends++]!.promise,
      options: { maxItems: 1 },
    });
    delivery.offer(item(1));
    const flushed = timed(delivery.flush(5_000));
    delivery.offer(item(2));
    await timers.tickAsync(1);
    gates[0]!.open();
    await timers.tickAsync(1);
    expect(flushed.value).to.equal(true);
    expect(delivery.counts).to.deep.include({ delivered: 1, inFlight: 1 });
  });

  it('ends by its deadline with a send that hangs, and says that it is not complete', async () => {
    const { delivery } = createDelivery({ send: () => NEVER, options: { maxItems: 1 } });
    delivery.offer(item(1));
    const flushed = timed(delivery.flush(2_000));
    await timers.tickAsync(10_000);
    expect(flushed).to.deep.equal({ value: false, at: 2_000 });
    expect(delivery.counts).to.deep.include({ inFlight: 1, dropped: {} });
  });

  it('waits as long as it takes with an endless deadline', async () => {
    const gate = createGate();
    const { delivery } = createDelivery({
      send: () => gate.promise,
      options: { maxItems: 1, timeoutMs: 3_600_000 },
    });
    delivery.offer(item(1));
    const flushed = timed(delivery.flush(Number.POSITIVE_INFINITY));
    await timers.tickAsync(600_000);
    expect(flushed).to.deep.equal({});
    gate.open();
    await timers.tickAsync(1);
    expect(flushed.value).to.equal(true);
  });

  it('cuts a pause between two attempts short', async () => {
    let attempts = 0;
    const { delivery } = createDelivery({
      send: async () => {
        if (++attempts === 1) throw new Error('busy');
      },
      options: { maxItems: 1, retry: { initialDelayMs: 30_000 } },
      random: () => 1,
    });
    delivery.offer(item(1));
    await timers.tickAsync(10);
    expect(attempts).to.equal(1);
    const flushed = timed(delivery.flush(5_000));
    await timers.tickAsync(10);
    expect(attempts).to.equal(2);
    expect(flushed.value).to.equal(true);
  });

  it('does not cut short the wait that the destination asked for', async () => {
    let attempts = 0;
    const { delivery } = createDelivery({
      send: async () => {
        if (++attempts === 1) throw new RetryableError('429', { retryAfterMs: 20_000 });
      },
      options: { maxItems: 1 },
    });
    delivery.offer(item(1));
    await timers.tickAsync(10);
    const flushed = timed(delivery.flush(5_000));
    await timers.tickAsync(6_000);
    expect(attempts).to.equal(1);
    expect(flushed.value).to.equal(false);
  });

  it('serves concurrent calls, each with its own events and its own deadline', async () => {
    const gates = [createGate(), createGate()];
    let sends = 0;
    const { delivery } = createDelivery({
      send: () => gates[sends++]!.promise,
      options: { maxItems: 1 },
    });
    delivery.offer(item(1));
    const first = timed(delivery.flush(10_000));
    delivery.offer(item(2));
    const second = timed(delivery.flush(10_000));
    const impatient = timed(delivery.flush(500));
    await timers.tickAsync(1_000);
    expect([first, second, impatient]).to.deep.equal([{}, {}, { value: false, at: 500 }]);
    gates[0]!.open();
    await timers.tickAsync(1);
    expect([first.value, second.value]).to.deep.equal([true, undefined]);
    gates[1]!.open();
    await timers.tickAsync(1);
    expect(second.value).to.equal(true);
  });

  it('is not complete while a send hangs, even when all queued events were dropped meanwhile', async () => {
    const { delivery } = createDelivery({ send: () => NEVER, options: { maxItems: 1, queueItems: 2 } });
    for (const event of items(1, 3)) delivery.offer(event);
    await timers.tickAsync(1);
    const flushed = timed(delivery.flush(2_000));
    for (const event of items(4, 20)) delivery.offer(event);
    await timers.tickAsync(1_999);
    expect(flushed).to.deep.equal({});
    await timers.tickAsync(1);
    expect(flushed.value).to.equal(false);
  });

  it('is complete as soon as the last event that it waits for was dropped and counted', async () => {
    const { delivery } = createDelivery({ send: () => NEVER, options: { queueItems: 2 }, isOpen: false });
    for (const event of items(1, 2)) delivery.offer(event);
    const flushed = timed(delivery.flush(5_000));
    for (const event of items(3, 4)) delivery.offer(event);
    await timers.tickAsync(1);
    expect(flushed.value).to.equal(true);
    expect(delivery.counts.dropped).to.deep.equal({ queue_full: 2 });
  });

  it('leaves no timer behind', async () => {
    const { delivery } = createDelivery({ send: createSink().send });
    for (const event of items(1, 3)) delivery.offer(event);
    const flushed = delivery.flush(60_000);
    await timers.tickAsync(10);
    await flushed;
    expect(timers.countTimers()).to.equal(0);
  });
});
