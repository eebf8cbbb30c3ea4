import { expect } from 'chai';
import * as fc from 'fast-check';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import type { SendContext } from '../../../core/contract/send.ts';
import { PermanentError, RetryableError } from '../../../core/delivery/outcome.ts';
import { createDelivery, type Item, items, NEVER } from './deliver.ts';

/** A destination that refuses every request with a bad event in it. */
function pickyTarget(isBad: (n: number) => boolean) {
  const requests: number[][] = [];
  const contexts: SendContext[] = [];
  const delivered: number[] = [];
  const target = { requests, contexts, delivered, isBad, send };
  async function send(batch: readonly Item[], context: SendContext): Promise<void> {
    const numbers = batch.map(({ n }) => n);
    requests.push(numbers);
    contexts.push(context);
    const bad = numbers.filter(target.isBad);
    if (bad.length > 0) throw new PermanentError(`400: ${bad.join()}`);
    delivered.push(...numbers);
  }
  return target;
}

const sorted = (numbers: number[]) => numbers.toSorted((a, b) => a - b);
const range = (from: number, to: number) => items(from, to).map(({ n }) => n);

describe('delivery: a refused batch', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('is divided until the bad event stands alone, in 2 log2(n) further requests, and the rest is delivered', async () => {
    for (const bad of [1, 300, 512]) {
      const target = pickyTarget((n) => n === bad);
      const { delivery, failures, refused } = createDelivery({ send: target.send });
      for (const event of items(1, 512)) delivery.offer(event);
      await timers.tickAsync(100);
      expect(target.delivered, `bad: ${bad}`).to.deep.equal(range(1, 512).filter((n) => n !== bad));
      expect(target.requests.length).to.be.at.most(1 + 2 * 9);
      expect(delivery.counts).to.deep.include({ delivered: 511, dropped: { rejected: 1 }, inFlight: 0 });
      expect(refused.map(({ event, reason }) => [event!.n, reason])).to.deep.equal([[bad, `400: ${bad}`]]);
      expect(failures.map(({ outcome, count }) => [outcome, count])).to.deep.equal([['rejected', 1]]);
    }
  });

  it('gives exactly the bad events up, wherever a few of them are', async () => {
    const batches = fc.integer({ min: 1, max: 70 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        bad: fc.uniqueArray(fc.integer({ min: 1, max: size }), { maxLength: 4 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(batches, async ({ size, bad }) => {
        const target = pickyTarget((n) => bad.includes(n));
        const { delivery, refused } = createDelivery({ send: target.send, options: { maxItems: size } });
        for (const event of items(1, size)) delivery.offer(event);
        await timers.tickAsync(100);
        expect(sorted(refused.map(({ event }) => event!.n))).to.deep.equal(sorted(bad));
        expect(sorted(target.delivered)).to.deep.equal(range(1, size).filter((n) => !bad.includes(n)));
      }),
    );
  });

  it('gives each part an id of its own, the same for every attempt, with attempts counted from 1', async () => {
    const target = pickyTarget((n) => n === 1);
    let isBusy = true;
    const { delivery } = createDelivery({
      send: async (batch, context) => {
        await target.send(batch, context);
        if (!isBusy) return;
        isBusy = false;
        throw new RetryableError('503');
      },
      options: { maxItems: 2 },
    });
    for (const event of items(1, 2)) delivery.offer(event);
    await timers.tickAsync(100);
    expect(target.contexts.map(({ batchId, attempt }) => [batchId, attempt])).to.deep.equal([
      ['batch-1', 1],
      ['batch-1.1', 1],
      ['batch-1.2', 1],
      ['batch-1.2', 2],
    ]);
    expect(delivery.counts).to.deep.include({ delivered: 1, dropped: { rejected: 1 } });
  });

  it('costs few requests where everything is refused, and the next such batch five at most', async () => {
    const target = pickyTarget(() => true);
    const { delivery, refused } = createDelivery({ send: target.send });
    for (const event of items(1, 512)) delivery.offer(event);
    await timers.tickAsync(100);
    expect(target.requests.length).to.be.within(20, 29);
    expect(delivery.counts.dropped).to.deep.equal({ rejected: 512 });
    expect(sorted(refused.map(({ event }) => event!.n))).to.deep.equal(range(1, 512));
    for (let n = 0; n < 3; n++) {
      target.requests.length = 0;
      for (const event of items(1, 512)) delivery.offer(event);
      await timers.tickAsync(100);
      expect(target.requests.length).to.be.within(3, 5);
    }
    expect(delivery.counts).to.deep.include({ delivered: 0, dropped: { rejected: 2_048 }, inFlight: 0 });
  });

  it('is divided to the end again as soon as the destination takes anything of it', async () => {
    const target = pickyTarget(() => true);
    const { delivery, refused } = createDelivery({ send: target.send });
    for (const event of items(1, 512)) delivery.offer(event);
    await timers.tickAsync(100);
    refused.length = 0;
    target.isBad = (n) => n === 600 || n === 601;
    for (const event of items(513, 1_024)) delivery.offer(event);
    await timers.tickAsync(100);
    expect(refused.map(({ event }) => event!.n)).to.deep.equal([600, 601]);
    expect(delivery.counts).to.deep.include({ delivered: 510, dropped: { rejected: 514 } });
  });

  it('finds what is good behind a long row of bad events', async () => {
    const target = pickyTarget((n) => n <= 200);
    const { delivery, refused } = createDelivery({ send: target.send });
    for (const event of items(1, 512)) delivery.offer(event);
    await timers.tickAsync(100);
    expect(sorted(target.delivered)).to.deep.equal(range(201, 512));
    expect(refused).to.have.length(200);
  });

  it('is given up in all its parts when the delivery is closed', async () => {
    let requests = 0;
    const { delivery } = createDelivery({
      send: async () => {
        if (++requests > 2) await NEVER;
        throw new PermanentError('400');
      },
      options: { maxItems: 8 },
    });
    for (const event of items(1, 8)) delivery.offer(event);
    await timers.tickAsync(10);
    expect(delivery.counts).to.deep.include({ inFlight: 8 });
    const closed = delivery.close(1_000);
    await timers.tickAsync(2_000);
    expect(await closed).to.equal(false);
    expect(requests).to.equal(3);
    expect(delivery.counts).to.deep.include({ dropped: { shutdown: 8 }, inFlight: 0, queued: 0 });
  });

  it('leaves at the end of the process what is not settled yet, and nothing else', async () => {
    const delivered: number[] = [];
    const { delivery } = createDelivery({
      send: async (batch) => {
        if (batch.some(({ n }) => n === 1)) throw new PermanentError('400');
        if (delivered.length === 1) await NEVER;
        delivered.push(...batch.map(({ n }) => n));
      },
      options: { maxItems: 8 },
    });
    for (const event of items(1, 8)) delivery.offer(event);
    await timers.tickAsync(10);
    expect(delivered).to.deep.equal([2]);
    expect(delivery.takeLeft().map(({ n }) => n)).to.deep.equal([3, 4, 5, 6, 7, 8]);
    delivery.settleLeft('delivered');
    expect(delivery.counts).to.deep.include({ delivered: 7, dropped: { rejected: 1 }, inFlight: 0 });
  });
});
