import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { withBytes } from '../../../core/snapshot/snapshot.ts';
import { createDelivery, createSink, type Item } from './deliver.ts';

type Kind = 'started' | 'updated' | 'ended';

/** The event `n`, of a span of its own trace. */
function spanItem(n: number, kind: Kind, id = 'a', payload = 0): Item {
  const event = { n, type: `span.${kind}`, exportedSpan: { traceId: 't', id, seq: n } };
  return withBytes(event, payload);
}

describe('delivery: spans that are held back', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  function holding(options: object = {}) {
    const sink = createSink();
    const made = createDelivery({
      send: sink.send,
      options: { maxDelayMs: 100, ...options },
      plan: { holdMs: 2_000 },
    });
    return { ...made, sink };
  }

  it('sends the start of a span together with its end', async () => {
    const { delivery, sink } = holding();
    delivery.offer(spanItem(1, 'started'));
    await timers.tickAsync(1_500);
    expect(sink.batches).to.deep.equal([]);
    expect(delivery.counts).to.deep.include({ accepted: 1, queued: 1 });
    delivery.offer(spanItem(2, 'updated'));
    delivery.offer(spanItem(3, 'ended'));
    await timers.tickAsync(101);
    expect(sink.batches).to.deep.equal([[1, 2, 3]]);
    expect(delivery.counts).to.deep.include({ accepted: 3, queued: 0, delivered: 3 });
  });

  it('sends the start of a span that runs longer than holdMs by itself, and what comes later as it comes', async () => {
    const { delivery, sink } = holding();
    delivery.offer(spanItem(1, 'started'));
    await timers.tickAsync(1_000);
    delivery.offer(spanItem(2, 'started', 'b'));
    await timers.tickAsync(1_101);
    expect(sink.batches).to.deep.equal([[1]]);
    delivery.offer(spanItem(3, 'updated'));
    await timers.tickAsync(101);
    expect(sink.batches).to.deep.equal([[1], [3]]);
    await timers.tickAsync(1_000);
    expect(sink.batches).to.deep.equal([[1], [3], [2]]);
  });

  it('holds nothing back from a flush', async () => {
    const { delivery, sink } = holding();
    delivery.offer(spanItem(1, 'started'));
    const flushed = delivery.flush(1_000);
    await timers.tickAsync(1);
    expect(await flushed).to.equal(true);
    expect(sink.batches).to.deep.equal([[1]]);
  });

  it('gives up the oldest span that is held when there is no room for a new one', async () => {
    const { delivery, failures } = holding({ queueItems: 3 });
    for (const id of ['a', 'b', 'c', 'd']) delivery.offer(spanItem(1, 'started', id));
    expect(failures.map(({ outcome, count }) => [outcome, count])).to.deep.equal([['queue_full', 1]]);
    expect(delivery.counts).to.deep.include({ accepted: 4, queued: 3 });
    expect(delivery.takeLeft()).to.have.lengthOf(3);
  });

  it('gives up what is held and cannot be sent at the close, counted', async () => {
    const budget = { limit: 1_000_000, used: 0 };
    const { delivery } = createDelivery({
      send: () => Promise.reject(new Error('away')),
      plan: { holdMs: 2_000 },
      budget,
    });
    delivery.offer(spanItem(1, 'started'));
    delivery.offer(spanItem(2, 'started', 'b'));
    const closed = delivery.close(50);
    await timers.tickAsync(100);
    expect(await closed).to.equal(false);
    expect(delivery.counts).to.deep.include({
      accepted: 2,
      queued: 0,
      inFlight: 0,
      dropped: { shutdown: 2 },
    });
    expect(budget.used).to.equal(0);
  });
});

describe('delivery: several sends in flight', () => {
  it('begins the second batch before the first is done, never a third, and counts each', async () => {
    const begun: number[][] = [];
    const ends: (() => void)[] = [];
    const { delivery } = createDelivery({
      send: (batch) => {
        begun.push(batch.map(({ n }) => n));
        return new Promise((resolve) => ends.push(() => resolve()));
      },
      options: { maxItems: 2 },
      plan: { maxInFlight: 2 },
    });
    for (let n = 1; n <= 6; n++) delivery.offer({ n });
    const flushed = delivery.flush(5_000);
    while (begun.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(begun).to.deep.equal([
      [1, 2],
      [3, 4],
    ]);
    expect(delivery.counts).to.deep.include({ queued: 2, inFlight: 4 });
    ends[1]!();
    while (begun.length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(delivery.counts).to.deep.include({ queued: 0, inFlight: 4, delivered: 2 });
    // The first batch is still under way, so the flush is not done whatever became of the others.
    ends[2]!();
    await new Promise((resolve) => setImmediate(resolve));
    expect(delivery.counts).to.deep.include({ inFlight: 2, delivered: 4 });
    let isFlushed = false;
    void flushed.then(() => {
      isFlushed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isFlushed).to.equal(false);
    ends[0]!();
    expect(await flushed).to.equal(true);
    expect(delivery.counts).to.deep.include({ accepted: 6, queued: 0, inFlight: 0, delivered: 6 });
  });

  it('gives what is queued and what is in flight for a last write, and counts what became of it', async () => {
    const { delivery } = createDelivery({
      send: () => new Promise(() => {}),
      options: { maxItems: 2 },
      plan: { maxInFlight: 2 },
    });
    for (let n = 1; n <= 5; n++) delivery.offer({ n });
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(delivery.takeLeft().map(({ n }) => n)).to.deep.equal([1, 2, 3, 4, 5]);
    delivery.settleLeft('lost');
    expect(delivery.counts).to.deep.include({ accepted: 5, delivered: 0, queued: 0, inFlight: 0 });
    expect(delivery.counts.dropped).to.deep.equal({ process_exit: 5 });
  });
});
