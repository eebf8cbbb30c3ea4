import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { DestinationError, RetryableError } from '../../../core/delivery/outcome.ts';
import { createDelivery, type Item, items } from './deliver.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('delivery: a batch that has failed for as long as it may', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => timers.restore());

  /** A destination that is down at times, and fails with some batches always. */
  function destination({ isDown = () => false, fails = (_numbers: number[]): unknown => undefined }) {
    const delivered: number[] = [];
    const attempts: number[][] = [];
    const send = async (batch: readonly Item[]) => {
      const numbers = batch.map(({ n }) => n);
      attempts.push(numbers);
      if (isDown()) throw new Error('503');
      const error = fails(numbers);
      if (error) throw error;
      delivered.push(...numbers);
    };
    return { send, delivered, attempts };
  }

  const failsWith = (...bad: number[]) => ({
    fails: (numbers: number[]) => (numbers.some((n) => bad.includes(n)) ? new Error('500') : undefined),
  });
  const numbersUpTo = (last: number, ...without: number[]) =>
    items(1, last)
      .map(({ n }) => n)
      .filter((n) => !without.includes(n));
  const sorted = (numbers: number[]) => [...numbers].sort((a, b) => a - b);

  it('of usual size loses nothing in an outage of four hours, and is sent in its parts afterwards', async () => {
    const { send, delivered, attempts } = destination({ isDown: () => Date.now() < 4 * HOUR });
    const { delivery } = createDelivery({ send, random: () => 0.5 });
    for (const event of items(1, 4_000)) delivery.offer(event);
    await timers.tickAsync(4 * HOUR);
    expect(delivery.counts).to.deep.include({ delivered: 0, dropped: {}, inFlight: 512 });
    const before = attempts.length;
    await timers.tickAsync(10_000);
    expect(sorted(delivered)).to.deep.equal(numbersUpTo(4_000));
    expect(delivery.counts).to.deep.include({ delivered: 4_000, inFlight: 0, dropped: {} });
    expect(attempts.length - before).to.be.below(512);
  });

  it('is divided until the event with which the destination fails stands alone; that one is given up', async () => {
    for (const bad of [1, 200, 512]) {
      const { send, delivered } = destination(failsWith(bad));
      const { delivery, failures, refused } = createDelivery({ send, random: () => 0.5 });
      for (const event of items(1, 1_024)) delivery.offer(event);
      await timers.tickAsync(5 * MINUTE - 1);
      expect(delivered).to.deep.equal([]);
      await timers.tickAsync(6 * MINUTE);
      expect(sorted(delivered)).to.deep.equal(numbersUpTo(1_024, bad));
      expect(delivery.counts).to.deep.include({
        delivered: 1_023,
        inFlight: 0,
        dropped: { retry_exhausted: 1 },
      });
      const givenUp = failures.filter(({ outcome }) => outcome === 'retry_exhausted');
      expect(givenUp.map(({ count }) => count)).to.deep.equal([1]);
      expect(refused.map(({ event, reason }) => [event?.n, reason])).to.deep.equal([[bad, '500']]);
    }
  });

  it('does so batch after batch where each has such events', async () => {
    const bad = [1, 2, 600, 1_100, 1_500];
    const { send, delivered } = destination(failsWith(...bad));
    const { delivery } = createDelivery({ send, random: () => 0.5 });
    for (const event of items(1, 2_048)) delivery.offer(event);
    await timers.tickAsync(HOUR);
    expect(sorted(delivered)).to.deep.equal(numbersUpTo(2_048, ...bad));
    expect(delivery.counts).to.deep.include({ inFlight: 0, dropped: { retry_exhausted: bad.length } });
  });

  it('gets through in parts that are small enough, where its size is what the destination fails with', async () => {
    const fails = ({ length }: number[]) => (length > 100 ? new Error('504') : undefined);
    const { send, delivered } = destination({ fails });
    const { delivery } = createDelivery({ send, random: () => 0.5 });
    for (const event of items(1, 512)) delivery.offer(event);
    await timers.tickAsync(10 * MINUTE);
    expect(sorted(delivered)).to.deep.equal(numbersUpTo(512));
    expect(delivery.counts).to.deep.include({ inFlight: 0, dropped: {} });
  });

  it('loses one event in five minutes at most in other outages, and one for each that ends', async () => {
    for (const maxItems of [1, 8, 64]) {
      let isDown = true;
      const { send } = destination({ isDown: () => isDown });
      const { delivery } = createDelivery({ send, options: { maxItems }, random: () => 0.5 });
      for (const event of items(1, 1_000)) delivery.offer(event);
      for (const [outage, minutes] of [7, 30, 90, 6, 180].entries()) {
        isDown = true;
        const before = delivery.counts.dropped.retry_exhausted ?? 0;
        await timers.tickAsync(minutes * MINUTE);
        const lost = (delivery.counts.dropped.retry_exhausted ?? 0) - before;
        expect(lost, `${maxItems} a batch, outage ${outage}`).to.be.at.most(Math.floor(minutes / 5) + 1);
        isDown = false;
        await timers.tickAsync(outage === 4 ? MINUTE : 6_000);
        for (const event of items(1, 100)) delivery.offer(event);
      }
      await timers.tickAsync(MINUTE);
      expect(delivery.counts).to.include({ inFlight: 0, queued: 0 });
    }
  });

  it('waits as long as the destination asks for before its parts are sent', async () => {
    const at: number[] = [];
    const { delivery } = createDelivery({
      send: async () => {
        at.push(Date.now());
        throw new RetryableError('429', { retryAfterMs: 2 * MINUTE });
      },
      random: () => 0.5,
    });
    for (const event of items(1, 8)) delivery.offer(event);
    await timers.tickAsync(20 * MINUTE);
    const pauses = at.slice(1).map((time, n) => time - at[n]!);
    expect(Math.min(...pauses)).to.be.at.least(2 * MINUTE);
  });

  it('is one batch in all its parts for a flush, a close and the end of the process', async () => {
    for (const end of ['flush', 'close', 'takeLeft'] as const) {
      const { send } = destination({ isDown: () => true });
      const { delivery } = createDelivery({ send, options: { maxItems: 4 }, random: () => 0.5 });
      for (const event of items(1, 10)) delivery.offer(event);
      await timers.tickAsync(6 * MINUTE);
      expect(delivery.counts).to.include({ inFlight: 4, queued: 6 });
      if (end === 'takeLeft') {
        expect(sorted(delivery.takeLeft().map(({ n }) => n))).to.deep.equal(numbersUpTo(10));
        continue;
      }
      const ended = end === 'flush' ? delivery.flush(2_000) : delivery.close(0);
      await timers.tickAsync(3_000);
      expect(await ended).to.equal(false);
      if (end === 'close')
        expect(delivery.counts).to.deep.include({ inFlight: 0, dropped: { shutdown: 10 } });
    }
  });

  it('does not count the time for which another lane looked whether the destination is back', async () => {
    let failures = 0;
    const { delivery } = createDelivery({
      send: async ([first]) => {
        // Both are under way before one fails; when the other does, the first is at it, once a probe.
        await new Promise((resolve) => setTimeout(resolve, first!.n === 1 ? 10 : 40_000));
        if (first!.n === 1 && Date.now() < 8 * MINUTE) throw new DestinationError('401');
        if (first!.n !== 2) return;
        if (++failures < 3) throw new Error('503');
      },
      options: { maxItems: 1, timeoutMs: 90_000 },
      plan: { maxInFlight: 2 },
      random: () => 0.5,
    });
    for (const event of items(1, 2)) delivery.offer(event);
    await timers.tickAsync(20 * MINUTE);
    expect(delivery.counts).to.deep.include({ delivered: 2, dropped: {} });
  });
});
