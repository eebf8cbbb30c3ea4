import { expect } from 'chai';
import * as fc from 'fast-check';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { backoffMs } from '../../../core/delivery/backoff.ts';
import { DELIVERY_DEFAULTS } from '../../../core/delivery/options.ts';
import { AmbiguousError, PermanentError, RetryableError } from '../../../core/delivery/outcome.ts';
import type { SendContext } from '../../../core/plugin.ts';
import { createDelivery, createSink, item, items, NEVER } from './deliver.ts';

describe('delivery: failed sends', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  /** When each attempt came, in milliseconds, with a send that fails `failures` times. */
  function failing(failures: number, error: (attempt: number) => unknown) {
    const at: number[] = [];
    const contexts: SendContext[] = [];
    const delivered: number[] = [];
    const send = async (batch: readonly { n: number }[], context: SendContext) => {
      at.push(Date.now());
      contexts.push(context);
      if (at.length <= failures) throw error(at.length);
      delivered.push(...batch.map(({ n }) => n));
    };
    return { send, at, contexts, delivered };
  }

  it('tries a failed batch again, under the same batch id, with attempts counted from 1', async () => {
    const target = failing(2, () => new Error('busy'));
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
    const target = failing(3, () => new Error('busy'));
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
    const target = failing(7, () => new Error('busy'));
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
          const limit = Math.min(30_000, 1_000 * 2 ** (attempt - 1));
          const pause = backoffMs(attempt, retry, retryAfterMs, () => random);
          expect(pause).to.be.at.least(retryAfterMs ?? 0);
          expect(pause).to.equal(Math.max(random * limit, retryAfterMs ?? 0));
        },
      ),
    );
  });

  it('waits as long as the destination asked for, whatever the jitter says', async () => {
    const target = failing(1, () => new RetryableError('429', { retryAfterMs: 45_000 }));
    const { delivery } = createDelivery({ send: target.send, options: { maxItems: 1 } });
    delivery.offer(item(1));
    await timers.tickAsync(44_999);
    expect(target.at).to.have.length(1);
    await timers.tickAsync(2);
    expect(target.delivered).to.deep.equal([1]);
  });

  it('does not take a wait of a month for no wait at all', async () => {
    const month = 31 * 24 * 3_600_000;
    const target = failing(1, () => new RetryableError('429', { retryAfterMs: month }));
    const { delivery } = createDelivery({ send: target.send, options: { maxItems: 1 } });
    delivery.offer(item(1));
    await timers.tickAsync(20 * 24 * 3_600_000);
    expect(target.at).to.have.length(1);
  });

  it('gives a batch up maxElapsedMs after its first failure, counted as retry_exhausted', async () => {
    const target = failing(1_000, () => new Error('down'));
    const { delivery, failures } = createDelivery({
      send: target.send,
      options: { maxItems: 2, retry: { initialDelayMs: 1_000, factor: 1, maxElapsedMs: 5_000 } },
      random: () => 1,
    });
    for (const event of items(1, 2)) delivery.offer(event);
    await timers.tickAsync(60_000);
    expect(target.at).to.have.length(6);
    expect(delivery.counts.dropped).to.deep.equal({ retry_exhausted: 2 });
    expect(delivery.counts).to.deep.include({ accepted: 2, delivered: 0, inFlight: 0 });
    expect(failures.at(-1)).to.deep.include({ outcome: 'retry_exhausted', count: 2 });
    expect(String(failures.at(-1)!.error)).to.equal('Error: down');
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

  it('drops a batch that the destination will never accept, counted as rejected, and goes on', async () => {
    const target = failing(1, () => new PermanentError('400 bad request'));
    const { delivery, failures } = createDelivery({ send: target.send, options: { maxItems: 2 } });
    for (const event of items(1, 4)) delivery.offer(event);
    await timers.tickAsync(100);
    expect(target.at).to.have.length(2);
    expect(target.delivered).to.deep.equal([3, 4]);
    expect(delivery.counts.dropped).to.deep.equal({ rejected: 2 });
    expect(failures.map(({ outcome }) => outcome)).to.deep.equal(['rejected']);
  });

  it('knows the errors of another copy of the package by their symbol', async () => {
    const foreign = Object.assign(new Error('400'), { [Symbol.for('obs.send-failure')]: 'permanent' });
    const target = failing(1, () => foreign);
    const { delivery } = createDelivery({ send: target.send, options: { maxItems: 1 } });
    delivery.offer(item(1));
    await timers.tickAsync(100);
    expect(delivery.counts.dropped).to.deep.equal({ rejected: 1 });
  });

  it('repeats a send that may have arrived where that is safe', async () => {
    const target = failing(1, () => new AmbiguousError('reset after the body was sent'));
    const { delivery } = createDelivery({ send: target.send, options: { maxItems: 1 } });
    delivery.offer(item(1));
    await timers.tickAsync(100);
    expect(delivery.counts).to.deep.include({ delivered: 1, dropped: {} });
  });

  it('does not repeat a send that may have arrived where that is unsafe, counted as ambiguous', async () => {
    const target = failing(1, () => new AmbiguousError('reset after the body was sent'));
    const { delivery } = createDelivery({
      send: target.send,
      options: { maxItems: 1 },
      isRedeliverySafe: false,
    });
    delivery.offer(item(1));
    await timers.tickAsync(100_000);
    expect(target.at).to.have.length(1);
    expect(delivery.counts.dropped).to.deep.equal({ ambiguous: 1 });
  });

  it('aborts a send at its time limit and takes it as one that may have arrived', async () => {
    const signals: AbortSignal[] = [];
    const { delivery, failures } = createDelivery({
      send: (_, { abortSignal }) => {
        signals.push(abortSignal);
        return NEVER;
      },
      options: { maxItems: 1, timeoutMs: 5_000 },
      isRedeliverySafe: false,
    });
    delivery.offer(item(1));
    await timers.tickAsync(4_999);
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false]);
    await timers.tickAsync(2);
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([true]);
    expect(delivery.counts.dropped).to.deep.equal({ ambiguous: 1 });
    expect(String(failures[0]!.error)).to.include('OBS_SEND_TIMEOUT: no answer within 5000 ms');
  });

  it('takes a time limit beyond what timers can hold as a long one, not as none', async () => {
    const { delivery } = createDelivery({
      send: () => NEVER,
      options: { maxItems: 1, timeoutMs: 2 ** 40 },
    });
    delivery.offer(item(1));
    await timers.tickAsync(1_000_000);
    expect(delivery.counts).to.deep.include({ inFlight: 1, dropped: {} });
  });

  it('counts the events that the destination refused, and only those, when others of a batch were taken', async () => {
    const { delivery, failures } = createDelivery({
      send: async () => ({
        rejected: [
          { index: 1, reason: 'too old' },
          { index: 3, reason: 'too large' },
        ],
      }),
      options: { maxItems: 5 },
    });
    for (const event of items(1, 5)) delivery.offer(event);
    await timers.tickAsync(100);
    expect(delivery.counts).to.deep.include({
      accepted: 5,
      delivered: 3,
      dropped: { rejected: 2 },
      inFlight: 0,
    });
    expect(failures[0]).to.deep.include({ outcome: 'rejected', count: 2 });
    expect(String(failures[0]!.error)).to.include('too old');
  });

  it('counts each event once, whatever a plugin lists as refused', async () => {
    const listed = [
      { index: 1 },
      { index: 1, reason: 'again' },
      null,
      { index: 99 },
      { index: 0, reason: 'x' },
    ];
    const { delivery } = createDelivery({
      send: async () => ({ rejected: listed as never }),
      options: { maxItems: 10 },
    });
    for (const event of items(1, 10)) delivery.offer(event);
    await timers.tickAsync(100);
    // Index 1 and 0, and one event each for the two that name none of the batch.
    expect(delivery.counts).to.deep.include({
      accepted: 10,
      delivered: 6,
      dropped: { rejected: 4 },
      inFlight: 0,
    });
  });
});
