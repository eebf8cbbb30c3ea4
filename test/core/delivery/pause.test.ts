import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { DestinationError, RetryableError } from '../../../core/delivery/outcome.ts';
import { createDelivery, failingSend, item, items, timed } from './deliver.ts';

const refusing = () => new DestinationError('401 from https://x');

describe('delivery: a destination that takes nothing', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('is tried every probeMs with the same batch, for as long as it takes, and nothing is given up', async () => {
    const target = failingSend(2_880, refusing);
    const { delivery, failures } = createDelivery({
      send: target.send,
      options: { maxItems: 2 },
      random: () => 1,
    });
    for (const event of items(1, 5)) delivery.offer(event);
    await timers.tickAsync(24 * 3_600_000 - 1);
    expect(target.at).to.have.length(2_880);
    expect(new Set(target.at.map((at, index) => at - (target.at[index - 1] ?? -30_000)))).to.deep.equal(
      new Set([30_000]),
    );
    expect(new Set(target.contexts.map(({ batchId }) => batchId))).to.deep.equal(new Set(['batch-1']));
    expect(delivery.counts).to.deep.include({ delivered: 0, dropped: {}, inFlight: 2, queued: 3 });
    expect(new Set(failures.map(({ outcome }) => outcome))).to.deep.equal(new Set(['paused']));
    await timers.tickAsync(2_000);
    expect(target.delivered).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('is tried at the interval of its options', async () => {
    const target = failingSend(3, refusing);
    const { delivery } = createDelivery({
      send: target.send,
      options: { maxItems: 1, retry: { probeMs: 200 } },
    });
    delivery.offer(item(1));
    await timers.tickAsync(700);
    expect(target.at.map((at) => at - target.at[0]!)).to.deep.equal([0, 200, 400, 600]);
    expect(target.delivered).to.deep.equal([1]);
  });

  it('does not use up the time in which a batch is retried', async () => {
    const target = failingSend(30, (attempt) => (attempt <= 20 ? refusing() : new Error('503')));
    const { delivery } = createDelivery({
      send: target.send,
      options: { maxItems: 1, retry: { initialDelayMs: 1_000, factor: 1, maxElapsedMs: 11_000 } },
      random: () => 1,
    });
    delivery.offer(item(1));
    await timers.tickAsync(20 * 30_000 + 11_000);
    expect(delivery.counts).to.deep.include({ delivered: 1, dropped: {} });
  });

  it('keeps events within the bounds of their queue', async () => {
    const target = failingSend(1, refusing);
    const { delivery } = createDelivery({ send: target.send, options: { maxItems: 1, queueItems: 3 } });
    delivery.offer(item(1));
    await timers.tickAsync(10);
    for (const event of items(2, 9)) delivery.offer(event);
    expect(delivery.counts).to.deep.include({ inFlight: 1, queued: 3, dropped: { queue_full: 5 } });
    await timers.tickAsync(31_000);
    expect(target.delivered).to.deep.equal([1, 7, 8, 9]);
  });

  it('is not asked more often by a flush, which says at once that it cannot be complete', async () => {
    const target = failingSend(1, refusing);
    const { delivery } = createDelivery({ send: target.send });
    delivery.offer(item(1));
    const first = timed(delivery.flush(5_000));
    await timers.tickAsync(10);
    expect(first.value).to.equal(false);
    const second = timed(delivery.flush(5_000));
    await timers.tickAsync(0);
    expect(second.value).to.equal(false);
    expect(target.at).to.have.length(1);
    const patient = timed(delivery.flush(60_000));
    await timers.tickAsync(29_000);
    expect(patient).to.deep.equal({});
    await timers.tickAsync(2_000);
    expect(patient.value).to.equal(true);
  });

  it('does not hold up the end: its events are given up as soon as it is clear that none will be taken', async () => {
    const target = failingSend(10, refusing);
    const { delivery } = createDelivery({ send: target.send, options: { maxItems: 2 } });
    for (const event of items(1, 3)) delivery.offer(event);
    const closed = timed(delivery.close(5_000));
    await timers.tickAsync(10);
    expect(closed.value).to.equal(false);
    expect(delivery.counts).to.deep.include({ dropped: { shutdown: 3 }, inFlight: 0, queued: 0 });
  });
});

describe('delivery: a destination that asks to wait beyond the deadline of a flush', () => {
  it('is not waited for', async () => {
    const timers = useFakeTimers();
    const target = failingSend(1, () => new RetryableError('429', { retryAfterMs: 60_000 }));
    const { delivery } = createDelivery({ send: target.send, options: { maxItems: 1 } });
    delivery.offer(item(1));
    const flushed = timed(delivery.flush(5_000));
    await timers.tickAsync(10);
    expect(flushed.value).to.equal(false);
    timers.restore();
  });
});
