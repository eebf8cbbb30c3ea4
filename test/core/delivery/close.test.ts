import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { RetryableError } from '../../../core/delivery/outcome.ts';
import { createDelivery, createSink, item, items, NEVER, timed } from './deliver.ts';

describe('delivery: close', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('sends what is queued first', async () => {
    const sink = createSink();
    const { delivery } = createDelivery({ send: sink.send });
    for (const event of items(1, 3)) delivery.offer(event);
    const closed = timed(delivery.close(5_000));
    await timers.tickAsync(10);
    expect(closed.value).to.equal(true);
    expect(sink.numbers).to.deep.equal([1, 2, 3]);
  });

  it('aborts a send that hangs at its deadline and gives up the rest, counted as shutdown', async () => {
    let aborted = false;
    const { delivery, failures } = createDelivery({
      send: (_, { abortSignal }) => {
        abortSignal.addEventListener('abort', () => {
          aborted = true;
        });
        return NEVER;
      },
      options: { maxItems: 2 },
    });
    for (const event of items(1, 5)) delivery.offer(event);
    const closed = timed(delivery.close(3_000));
    await timers.tickAsync(3_000);
    expect(closed).to.deep.equal({ value: false, at: 3_000 });
    expect(aborted).to.equal(true);
    expect(delivery.counts).to.deep.include({
      accepted: 5,
      delivered: 0,
      dropped: { shutdown: 5 },
      queued: 0,
      inFlight: 0,
    });
    expect(failures.every(({ outcome }) => outcome === 'shutdown')).to.equal(true);
  });

  it('counts a batch as delivered whose send answers to the abort with success', async () => {
    const { delivery } = createDelivery({
      send: (_, { abortSignal }) =>
        new Promise((resolve) => abortSignal.addEventListener('abort', () => resolve())),
      options: { maxItems: 2 },
    });
    for (const event of items(1, 2)) delivery.offer(event);
    const closed = delivery.close(1_000);
    await timers.tickAsync(1_000);
    await closed;
    expect(delivery.counts).to.deep.include({ delivered: 2, dropped: {}, inFlight: 0 });
  });

  it('ends a pause between two attempts, whoever asked for it', async () => {
    const { delivery } = createDelivery({
      send: async () => {
        throw new RetryableError('429', { retryAfterMs: 60_000 });
      },
      options: { maxItems: 1 },
    });
    delivery.offer(item(1));
    await timers.tickAsync(10);
    const closed = timed(delivery.close(1_000));
    await timers.tickAsync(1_000);
    expect(closed.value).to.equal(false);
    expect(delivery.counts).to.deep.include({ dropped: { shutdown: 1 }, inFlight: 0 });
    await timers.tickAsync(1);
    expect(timers.countTimers()).to.equal(0);
  });

  it('gives up what waits for a plugin that never got ready', async () => {
    const { delivery } = createDelivery({ send: createSink().send, isOpen: false });
    for (const event of items(1, 3)) delivery.offer(event);
    const closed = timed(delivery.close(1_000));
    await timers.tickAsync(1_000);
    expect(closed).to.deep.equal({ value: false, at: 1_000 });
    expect(delivery.counts.dropped).to.deep.equal({ shutdown: 3 });
  });

  it('changes nothing when it is repeated, and says again what the first call said', async () => {
    const { delivery } = createDelivery({ send: () => NEVER, options: { maxItems: 1 } });
    delivery.offer(item(1));
    const closed = delivery.close(1_000);
    await timers.tickAsync(1_000);
    expect(await closed).to.equal(false);
    const counts = structuredClone(delivery.counts);
    expect(await delivery.close(1_000)).to.equal(false);
    expect(delivery.counts).to.deep.equal(counts);
  });

  it('obeys the shortest deadline of concurrent calls', async () => {
    const { delivery } = createDelivery({ send: () => NEVER, options: { maxItems: 1 } });
    delivery.offer(item(1));
    const patient = timed(delivery.close(10_000));
    const impatient = timed(delivery.close(500));
    await timers.tickAsync(600);
    expect(impatient).to.deep.equal({ value: false, at: 500 });
    expect(patient.value).to.equal(false);
  });

  it('ends a flush that is under way', async () => {
    const { delivery } = createDelivery({ send: () => NEVER, options: { maxItems: 1 } });
    delivery.offer(item(1));
    const flushed = timed(delivery.flush(60_000));
    void delivery.close(100);
    await timers.tickAsync(200);
    expect(flushed.at).to.equal(100);
  });

  it('counts what is offered afterwards as dropped and calls nothing', async () => {
    const sink = createSink();
    const { delivery } = createDelivery({ send: sink.send, options: { maxItems: 1 } });
    await delivery.close(100);
    for (const event of items(1, 3)) delivery.offer(event);
    await timers.tickAsync(5_000);
    expect(sink.batches).to.deep.equal([]);
    expect(delivery.counts).to.deep.include({ accepted: 3, dropped: { shutdown: 3 }, queued: 0 });
  });
});
