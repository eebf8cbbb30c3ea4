import { expect } from 'chai';
import * as fc from 'fast-check';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { backoffMs } from '../../../core/delivery/backoff.ts';
import { DELIVERY_DEFAULTS } from '../../../core/delivery/options.ts';
import { RetryableError } from '../../../core/delivery/outcome.ts';
import { createDelivery, createSink, failingSend, item, items } from './deliver.ts';

describe('delivery: retry', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('tries a failed batch again, under the same batch id, with attempts counted from 1', async () => {
    const target = failingSend(2, () => new Error('busy'));
    const { delivery, failures } = createDelivery({ send: target.send, options: { maxItems: 2 } });
    for (const event of items(1, 2)) delivery.offer(event);
    await timers.tickAsync(100);
    expect(target.delivered).to.deep.equal([1, 2]);
    expect(target.contexts.map(({ batchId, attempt }) => [batchId, attempt])).to.deep.equal([
      ['batch-1', 1],
      ['batch-1', 2],
      ['batch-1', 3],
    ]);
    expect(failures.map(({ outcome, count }) => [outcome, count])).to.deep.equal([
      ['retrying', 2],
      ['retrying', 2],
    ]);
    expect(delivery.counts).to.deep.include({ delivered: 2, dropped: {}, inFlight: 0 });
  });

  it('takes a send that throws before it returns a promise like one that rejects', async () => {
    const sink = createSink();
    let calls = 0;
    const { delivery } = createDelivery({
      send: (batch, context) => {
        if (++calls === 1) throw new Error('synchronously');
        return sink.send(batch, context);
      },
      options: { maxItems: 1 },
    });
    delivery.offer(item(1));
    await timers.tickAsync(100);
    expect(sink.numbers).to.deep.equal([1]);
  });

  it('keeps the order of all events across retries', async () => {
    const target = failingSend(3, () => new Error('busy'));
    const { delivery } = createDelivery({
      send: target.send,
      options: { maxItems: 2, retry: { initialDelayMs: 100 } },
      random: () => 1,
    });
    for (const event of items(1, 10)) delivery.offer(event);
    await timers.tickAsync(5_000);
    expect(target.delivered).to.deep.equal(items(1, 10).map(({ n }) => n));
  });

  it('doubles the limit of the pauses up to maxDelayMs', async () => {
    const target = failingSend(7, () => new Error('busy'));
    const retry = { initialDelayMs: 1_000, factor: 2, maxDelayMs: 8_000, maxElapsedMs: 300_000 };
    const { delivery } = createDelivery({
      send: target.send,
      options: { maxItems: 1, retry },
      random: () => 1,
    });
    delivery.offer(item(1));
    await timers.tickAsync(60_000);
    const pauses = target.at.slice(1).map((at, index) => at - target.at[index]!);
    expect(pauses).to.deep.equal([1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000]);
  });

  it('draws every pause from the whole range below the limit, and never below what was asked for', () => {
    const { retry } = DELIVERY_DEFAULTS;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        fc.option(fc.integer({ min: 0, max: 600_000 }), { nil: undefined }),
        (attempt, random, retryAfterMs) => {
          const limit = Math.min(5_000, 1_000 * 2 ** (attempt - 1));
          const pause = backoffMs(attempt, retry, retryAfterMs, () => random);
          expect(pause).to.be.at.least(retryAfterMs ?? 0);
          expect(pause).to.equal(Math.max(random * limit, retryAfterMs ?? 0));
        },
      ),
    );
  });

  it('waits as long as the destination asked for, whatever the jitter says', async () => {
    const target = failingSend(1, () => new RetryableError('429', { retryAfterMs: 45_000 }));
    const { delivery } = createDelivery({ send: target.send, options: { maxItems: 1 } });
    delivery.offer(item(1));
    await timers.tickAsync(44_999);
    expect(target.at).to.have.length(1);
    await timers.tickAsync(2);
    expect(target.delivered).to.deep.equal([1]);
  });

  it('does not take a wait of a month for no wait at all', async () => {
    const month = 31 * 24 * 3_600_000;
    const target = failingSend(1, () => new RetryableError('429', { retryAfterMs: month }));
    const { delivery } = createDelivery({ send: target.send, options: { maxItems: 1 } });
    delivery.offer(item(1));
    await timers.tickAsync(20 * 24 * 3_600_000);
    expect(target.at).to.have.length(1);
  });

  it('gives an event up maxElapsedMs after its first failure, counted as retry_exhausted, for the dead letters', async () => {
    const target = failingSend(1_000, () => new Error('down'));
    const { delivery, failures, refused } = createDelivery({
      send: target.send,
      options: { maxItems: 1, retry: { initialDelayMs: 1_000, factor: 1, maxElapsedMs: 5_000 } },
      random: () => 1,
    });
    delivery.offer(item(1));
    await timers.tickAsync(60_000);
    expect(target.at).to.have.length(6);
    expect(delivery.counts.dropped).to.deep.equal({ retry_exhausted: 1 });
    expect(delivery.counts).to.deep.include({ accepted: 1, delivered: 0, inFlight: 0 });
    expect(failures.at(-1)).to.deep.include({ outcome: 'retry_exhausted', count: 1 });
    expect(String(failures.at(-1)!.error)).to.equal('PermanentError: down');
    expect(refused.map(({ event, reason }) => [event?.n, reason])).to.deep.equal([[1, 'down']]);
  });

  it('takes the first failure for the last where maxElapsedMs is 0, also of several events', async () => {
    const target = failingSend(1_000, () => new Error('down'));
    const options = { maxItems: 4, retry: { maxElapsedMs: 0 } };
    const { delivery } = createDelivery({ send: target.send, options });
    for (const event of items(1, 4)) delivery.offer(event);
    await timers.tickAsync(60_000);
    expect(target.at).to.have.length(1);
    expect(delivery.counts.dropped).to.deep.equal({ retry_exhausted: 4 });
  });

  it('tries again even where the first attempt alone took longer than maxElapsedMs', async () => {
    let attempts = 0;
    const { delivery } = createDelivery({
      send: async () => {
        await new Promise((resolve) => setTimeout(resolve, 10_000));
        if (++attempts === 1) throw new Error('slow and failed');
      },
      options: { maxItems: 1, retry: { maxElapsedMs: 5_000 } },
    });
    delivery.offer(item(1));
    await timers.tickAsync(60_000);
    expect(delivery.counts).to.deep.include({ delivered: 1, dropped: {} });
  });
});
