import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { createDelivery, createGate, createSink, item, items } from './deliver.ts';

describe('delivery: batches', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('sends a batch as soon as it has maxItems events, and holds the rest back for company', async () => {
    const sink = createSink();
    const { delivery } = createDelivery({ send: sink.send, options: { maxItems: 3, maxDelayMs: 1_000 } });
    for (const event of items(1, 7)) delivery.offer(event);
    await timers.tickAsync(10);
    expect(sink.batches).to.deep.equal([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(delivery.counts).to.deep.include({ accepted: 7, delivered: 6, queued: 1, inFlight: 0 });
  });

  it('sends a batch as soon as it has maxBytes bytes, however few events that are', async () => {
    const sink = createSink();
    const { delivery } = createDelivery({ send: sink.send, options: { maxBytes: 2_000, maxDelayMs: 1_000 } });
    delivery.offer(item(1, 1_000));
    await timers.tickAsync(10);
    expect(sink.batches).to.deep.equal([]);
    delivery.offer(item(2, 1_000));
    await timers.tickAsync(10);
    // 1,200 bytes each: two of them are more than one batch holds.
    expect(sink.batches).to.deep.equal([[1]]);
    await timers.tickAsync(1_000);
    expect(sink.batches).to.deep.equal([[1], [2]]);
  });

  it('sends an event that is larger than maxBytes in a batch of its own', async () => {
    const sink = createSink();
    const { delivery } = createDelivery({ send: sink.send, options: { maxBytes: 1_000 } });
    for (const event of [item(1), item(2, 5_000), item(3)]) delivery.offer(event);
    await timers.tickAsync(1_100);
    expect(sink.batches).to.deep.equal([[1], [2], [3]]);
  });

  it('sends what there is once the first event of a batch has waited maxDelayMs', async () => {
    const sink = createSink();
    const { delivery } = createDelivery({ send: sink.send, options: { maxDelayMs: 1_000 } });
    delivery.offer(item(1));
    await timers.tickAsync(600);
    delivery.offer(item(2));
    await timers.tickAsync(399);
    expect(sink.batches).to.deep.equal([]);
    await timers.tickAsync(2);
    expect(sink.batches).to.deep.equal([[1, 2]]);
  });

  it('lets an event that waited behind a slow send not wait for company once more', async () => {
    const gate = createGate();
    const sent: number[][] = [];
    const { delivery } = createDelivery({
      send: async (batch) => {
        sent.push(batch.map(({ n }) => n));
        if (sent.length === 1) await gate.promise;
      },
      options: { maxItems: 2, maxDelayMs: 1_000 },
    });
    for (const event of items(1, 2)) delivery.offer(event);
    await timers.tickAsync(1);
    delivery.offer(item(3));
    await timers.tickAsync(5_000);
    gate.open();
    await timers.tickAsync(1);
    expect(sent).to.deep.equal([[1, 2], [3]]);
  });

  it('never sends inside the call that emits', async () => {
    const sink = createSink();
    const { delivery } = createDelivery({ send: sink.send, options: { maxItems: 1 } });
    delivery.offer(item(1));
    expect(sink.batches).to.deep.equal([]);
    await Promise.resolve();
    expect(sink.batches).to.deep.equal([]);
    await timers.tickAsync(1);
    expect(sink.batches).to.deep.equal([[1]]);
  });

  it('keeps one send in flight and the order of the events', async () => {
    let running = 0;
    let most = 0;
    const numbers: number[] = [];
    const { delivery } = createDelivery({
      send: async (batch) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        numbers.push(...batch.map(({ n }) => n));
        running--;
      },
      options: { maxItems: 4, maxDelayMs: 5 },
    });
    for (let n = 1; n <= 50; n++) {
      delivery.offer(item(n));
      await timers.tickAsync(3);
    }
    await timers.tickAsync(1_000);
    expect(most).to.equal(1);
    expect(numbers).to.deep.equal(items(1, 50).map(({ n }) => n));
  });

  it('holds what it accepts until the plugin is ready', async () => {
    const sink = createSink();
    const { delivery } = createDelivery({ send: sink.send, options: { maxItems: 2 }, isOpen: false });
    for (const event of items(1, 5)) delivery.offer(event);
    await timers.tickAsync(60_000);
    expect(sink.batches).to.deep.equal([]);
    expect(delivery.counts).to.deep.include({ accepted: 5, queued: 5 });
    delivery.open();
    await timers.tickAsync(1_100);
    expect(sink.batches).to.deep.equal([[1, 2], [3, 4], [5]]);
  });

  it('lets the event loop have its turn between sends that never wait for anything', async () => {
    timers.restore();
    let isTimerDone = false;
    let sentBefore = 0;
    const { delivery } = createDelivery({
      send: async () => {
        const until = performance.now() + 2;
        while (performance.now() < until);
        if (!isTimerDone) sentBefore++;
      },
      options: { maxItems: 1 },
    });
    for (const event of items(1, 60)) delivery.offer(event);
    setTimeout(() => {
      isTimerDone = true;
    }, 1);
    await delivery.flush(5_000);
    expect(sentBefore).to.be.lessThan(30);
    expect(delivery.counts.delivered).to.equal(60);
  });

  it('gives every attempt a copy, so that a plugin that empties its batch upsets nothing', async () => {
    const seen: number[][] = [];
    const { delivery } = createDelivery({
      send: async (batch, { attempt }) => {
        seen.push(batch.map(({ n }) => n));
        (batch as unknown as { n: number }[]).splice(0);
        if (attempt === 1) throw new Error('again');
      },
      options: { retry: { initialDelayMs: 1 } },
    });
    for (const event of items(1, 3)) delivery.offer(event);
    const flushed = delivery.flush(5_000);
    await timers.tickAsync(100);
    expect(await flushed).to.equal(true);
    expect(seen).to.deep.equal([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(delivery.counts).to.deep.include({ accepted: 3, delivered: 3, inFlight: 0 });
  });

  it('takes options that cannot be meant as batches and queues of one instead of looping for ever', async () => {
    const sink = createSink();
    const { delivery } = createDelivery({
      send: sink.send,
      options: { maxItems: 0, maxBytes: Number.NaN, queueItems: Number.NaN, maxDelayMs: 0 },
    });
    delivery.offer(item(1));
    await timers.tickAsync(5);
    delivery.offer(item(2));
    await timers.tickAsync(5);
    expect(sink.batches).to.deep.equal([[1], [2]]);
  });
});
