import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { RetryableError } from '../../../core/delivery/outcome.ts';
import { createDelivery, createGate, createSink, item, items, NEVER } from './deliver.ts';

describe('delivery: flush and close', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  /** The value of a promise and the time at which it came; undefined while it has not. */
  function timed<T>(promise: Promise<T>): { value?: T; at?: number } {
    const result: { value?: T; at?: number } = {};
    void promise.then((value) => Object.assign(result, { value, at: Date.now() }));
    return result;
  }

  describe('flush', () => {
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

  describe('close', () => {
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
});
