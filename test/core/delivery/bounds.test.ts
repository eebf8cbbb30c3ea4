import { expect } from 'chai';
import { DELIVERY_DEFAULTS, resolveDelivery } from '../../../core/delivery/options.ts';
import { BoundedQueue, type ByteBudget } from '../../../core/delivery/queue.ts';
import { bytesOf } from '../../../core/snapshot/snapshot.ts';
import { createDelivery, createSink, item, items } from './deliver.ts';

describe('delivery: bounds', () => {
  it('drops the oldest events when the queue is full, counted as queue_full', async () => {
    const sink = createSink();
    const { delivery } = createDelivery({ send: sink.send, options: { queueItems: 3 }, isOpen: false });
    for (const event of items(1, 5)) delivery.offer(event);
    expect(delivery.counts).to.deep.include({ accepted: 5, queued: 3, dropped: { queue_full: 2 } });
    delivery.open();
    await delivery.flush(1_000);
    expect(sink.numbers).to.deep.equal([3, 4, 5]);
  });

  it('refuses the newest events with drop-newest', async () => {
    const sink = createSink();
    const options = { queueItems: 3, whenFull: 'drop-newest' } as const;
    const { delivery } = createDelivery({ send: sink.send, options, isOpen: false });
    for (const event of items(1, 5)) delivery.offer(event);
    expect(delivery.counts).to.deep.include({ accepted: 5, queued: 3, dropped: { queue_full: 2 } });
    delivery.open();
    await delivery.flush(1_000);
    expect(sink.numbers).to.deep.equal([1, 2, 3]);
  });

  it('gives up as many old events as a large one needs', async () => {
    const sink = createSink();
    const { delivery } = createDelivery({ send: sink.send, options: { queueBytes: 1_000 }, isOpen: false });
    for (const event of items(1, 4)) delivery.offer(event);
    delivery.offer(item(5, 400));
    expect(delivery.counts).to.deep.include({ accepted: 5, queued: 3, dropped: { queue_full: 2 } });
    delivery.open();
    await delivery.flush(1_000);
    expect(sink.numbers).to.deep.equal([3, 4, 5]);
  });

  it('takes one event that is larger than the whole queue, alone', () => {
    const { delivery } = createDelivery({
      send: createSink().send,
      options: { queueBytes: 1_000 },
      isOpen: false,
    });
    delivery.offer(item(1, 5_000));
    expect(delivery.counts).to.deep.include({ accepted: 1, queued: 1, dropped: {} });
  });

  it('bounds the bytes of all queues together, counted as memory_full', () => {
    const budget: ByteBudget = { limit: 2_000, used: 0 };
    const one = createDelivery({ send: createSink().send, budget, isOpen: false }).delivery;
    const other = createDelivery({ send: createSink().send, budget, isOpen: false }).delivery;
    for (const event of items(1, 8)) one.offer(event);
    for (const event of items(9, 12)) other.offer(event);
    expect(budget.used).to.equal(2_000);
    expect(one.counts).to.deep.include({ queued: 8, dropped: {} });
    // Two fit; for each further one the other gives up its own oldest, never those of its neighbour.
    expect(other.counts).to.deep.include({ accepted: 4, queued: 2, dropped: { memory_full: 2 } });
  });

  it('gives the bytes back when events are sent, dropped or given up', async () => {
    const budget: ByteBudget = { limit: 10_000, used: 0 };
    const one = createDelivery({ send: createSink().send, budget }).delivery;
    const other = createDelivery({
      send: createSink().send,
      options: { queueItems: 2 },
      budget,
      isOpen: false,
    });
    for (const event of items(1, 5)) one.offer(event);
    for (const event of items(1, 5)) other.delivery.offer(event);
    expect(budget.used).to.equal(1_400);
    await one.flush(1_000);
    expect(budget.used).to.equal(400);
    await other.delivery.close(1);
    expect(budget.used).to.equal(0);
  });

  it('keeps its sums when an event changes its size while it waits', async () => {
    const budget: ByteBudget = { limit: 10_000, used: 0 };
    const sent: unknown[] = [];
    const { delivery } = createDelivery({
      send: async (batch) => {
        sent.push(...batch);
      },
      budget,
      isOpen: false,
    });
    const event = { n: 1, text: 'short' };
    delivery.offer(event);
    event.text = 'x'.repeat(5_000);
    expect(bytesOf(event)).to.be.greaterThan(5_000);
    delivery.open();
    await delivery.flush(1_000);
    expect(sent).to.have.length(1);
    expect(budget.used).to.equal(0);
  });

  it('queues in order however often it is emptied and refilled', () => {
    const queue = new BoundedQueue<{ n: number }>(1e9, 1e12, { limit: 1e12, used: 0 });
    const taken: number[] = [];
    let pushed = 0;
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 500; i++) queue.push(item(++pushed), 200);
      taken.push(...queue.take(480, 1e9).map(({ n }) => n));
    }
    taken.push(...queue.take(1e9, 1e9).map(({ n }) => n));
    expect(taken).to.deep.equal(Array.from({ length: 20_000 }, (_, index) => index + 1));
    expect([queue.length, queue.bytes]).to.deep.equal([0, 0]);
  });

  it('has the defaults that the documentation names', () => {
    expect(resolveDelivery()).to.deep.equal({
      maxItems: 512,
      maxBytes: 4_000_000,
      maxDelayMs: 1_000,
      queueItems: 16_384,
      queueBytes: 16_000_000,
      whenFull: 'drop-oldest',
      timeoutMs: 30_000,
      durability: 'memory',
      spoolBytes: 512_000_000,
      retry: {
        initialDelayMs: 1_000,
        factor: 2,
        maxDelayMs: 5_000,
        maxElapsedMs: 300_000,
        breakAfter: 5,
        probeMs: 30_000,
      },
    });
  });

  it('lets a later layer of options win, and one that is undefined say nothing', () => {
    const resolved = resolveDelivery(
      { maxItems: 10, timeoutMs: 5, retry: { factor: 3 } },
      { maxItems: undefined, maxBytes: 7, retry: { factor: undefined, maxDelayMs: 9 } } as never,
      undefined,
    );
    expect(resolved).to.deep.equal({
      ...DELIVERY_DEFAULTS,
      maxItems: 10,
      timeoutMs: 5,
      maxBytes: 7,
      retry: { ...DELIVERY_DEFAULTS.retry, factor: 3, maxDelayMs: 9 },
    });
    expect(DELIVERY_DEFAULTS.retry.factor).to.equal(2);
  });
});
