import { expect } from 'chai';
import { eventValue } from '../../../core/delivery/event-value.ts';
import type { DeliveryOptions } from '../../../core/delivery/options.ts';
import { withBytes } from '../../../core/snapshot/snapshot.ts';
import { logEvent, metricEvent, spanEvent } from '../events.ts';
import { createDelivery, createSink, worth } from './deliver.ts';

/** The numbers that reach the sink when these values are offered one after the other, counted from 1. */
async function kept(values: readonly number[], options: DeliveryOptions): Promise<number[]> {
  const sink = createSink();
  const { delivery } = createDelivery({ send: sink.send, options, isOpen: false });
  values.forEach((value, index) => {
    delivery.offer(worth(value, index + 1));
  });
  delivery.open();
  await delivery.flush(1_000);
  return sink.numbers;
}

describe('delivery: the value of an event', () => {
  it('is least for debug logs and updates, and rises from ordinary events over ends of traces and errors to judgements', () => {
    const ended = (more: object) => spanEvent('span.ended', '1', 2, more);
    const log = (level: 'debug' | 'info' | 'warn' | 'error' | 'fatal') => {
      const event = logEvent(1);
      return { ...event, record: { ...event.record, level } };
    };
    const span = ended({}).exportedSpan;
    const byValue = [
      [spanEvent('span.updated', '1', 2), log('debug')],
      [
        spanEvent('span.started', '1', 1),
        ended({ isRootSpan: false }),
        log('info'),
        log('warn'),
        metricEvent(1),
      ],
      [ended({ isRootSpan: true })],
      [
        { type: 'span.error', exportedSpan: span, error: { message: 'x' } },
        ended({ isRootSpan: false, status: 'error' }),
        ended({ isRootSpan: true, status: 'error' }),
        log('error'),
        log('fatal'),
      ],
      [{ type: 'score' }, { type: 'feedback' }],
    ];
    expect(byValue.map((events) => events.map(eventValue))).to.deep.equal(
      byValue.map((events, value) => events.map(() => value)),
    );
  });

  it('is ordinary for whatever is of another make', () => {
    const strange = [
      {},
      { type: 'new' },
      { type: 'span.ended' },
      { type: 'log' },
      { type: 'log', record: null },
    ];
    expect(strange.map(eventValue)).to.deep.equal([1, 1, 1, 1, 1]);
  });
});

describe('delivery: a full queue', () => {
  it('lets the oldest of the least value give way with drop-oldest, whatever stands before it', async () => {
    const options = { queueItems: 4, whenFull: 'drop-oldest' } as const;
    expect(await kept([4, 1, 0, 1, 3, 2, 1], options)).to.deep.equal([1, 5, 6, 7]);
  });

  it('lets the newest of the least value give way with drop-newest, the incoming one where it is of that value', async () => {
    const options = { queueItems: 4, whenFull: 'drop-newest' } as const;
    expect(await kept([0, 1, 0, 1, 3, 0, 0], options)).to.deep.equal([1, 2, 4, 5]);
  });

  for (const whenFull of ['drop-oldest', 'drop-newest'] as const) {
    it(`does not take an event of less value than everything in it, with ${whenFull}`, async () => {
      expect(await kept([3, 2, 4, 1, 0, 1], { queueItems: 3, whenFull })).to.deep.equal([1, 2, 3]);
    });
  }

  it('gives up nothing for an event that would not fit without all that it may displace', () => {
    const { delivery } = createDelivery({
      send: createSink().send,
      options: { queueBytes: 1_000 },
      isOpen: false,
    });
    for (const [index, value] of [4, 4, 4, 1, 0].entries()) delivery.offer(worth(value, index + 1));
    delivery.offer(worth(1, 6, 300));
    expect(delivery.takeLeft().map(({ n }) => n)).to.deep.equal([1, 2, 3, 4, 5]);
    expect(delivery.counts).to.deep.include({ accepted: 6, queued: 5, dropped: { queue_full: 1 } });
  });

  it('gives up nothing for an event that the memory of other queues keeps out', () => {
    const budget = { limit: 10_000, used: 9_600 };
    const { delivery } = createDelivery({ send: createSink().send, budget, isOpen: false });
    for (const n of [1, 2]) delivery.offer(worth(1, n));
    delivery.offer(worth(1, 3, 300));
    expect(delivery.takeLeft().map(({ n }) => n)).to.deep.equal([1, 2]);
    expect(delivery.counts.dropped).to.deep.equal({ memory_full: 1 });
  });

  it('does not tell a flush that it is complete because something behind its last event gave way', async () => {
    const { delivery } = createDelivery({
      send: () => new Promise(() => {}),
      options: { queueItems: 4, maxItems: 1 },
      isOpen: false,
    });
    for (const n of [1, 2]) delivery.offer(worth(4, n));
    const flushed = delivery.flush(30);
    for (const n of [3, 4, 5, 6, 7, 8]) delivery.offer(worth(0, n));
    for (const n of [9, 10]) delivery.offer(worth(4, n));
    expect(delivery.counts.dropped).to.deep.equal({ queue_full: 6 });
    expect(await flushed).to.equal(false);
  });

  describe('with spans that are held', () => {
    const holding = () =>
      createDelivery({
        send: createSink().send,
        options: { queueItems: 3 },
        plan: { holdMs: 60_000 },
        isOpen: false,
      }).delivery;
    const started = (n: number) =>
      withBytes({ n, type: 'span.started', exportedSpan: { traceId: 't', id: n } }, 0);
    const ended = (n: number, isRootSpan: boolean) =>
      withBytes({ n, type: 'span.ended', exportedSpan: { traceId: 't', id: n, isRootSpan } }, 0);

    it('gives those up before anything that is worth more', () => {
      const delivery = holding();
      for (const event of [started(1), ended(2, true), ended(3, true), ended(4, true)]) delivery.offer(event);
      expect(delivery.counts).to.deep.include({ queued: 3, dropped: { queue_full: 1 } });
      delivery.offer(started(5));
      expect(delivery.takeLeft().map(({ n }) => n)).to.deep.equal([2, 3, 4]);
    });

    it('goes on holding them while something of their value is in the queue', () => {
      const delivery = holding();
      for (const event of [started(1), ended(2, false), ended(3, true), ended(4, true)])
        delivery.offer(event);
      expect(delivery.counts).to.deep.include({ queued: 3, dropped: { queue_full: 1 } });
      // What was held comes last.
      expect(delivery.takeLeft().map(({ n }) => n)).to.deep.equal([3, 4, 1]);
    });
  });

  it('keeps all ends of traces, errors and judgements in a storm of ten times its size, and counts the rest', async () => {
    const sink = createSink();
    const { delivery } = createDelivery({ send: sink.send, options: { queueItems: 1_000 }, isOpen: false });
    const isDear = (n: number) => n % 20 === 0;
    for (let n = 1; n <= 10_000; n++) delivery.offer(worth(isDear(n) ? 2 + (n % 3) : n % 2, n));
    expect(delivery.counts).to.deep.include({ queued: 1_000, dropped: { queue_full: 9_000 } });
    delivery.open();
    await delivery.flush(5_000);
    expect(sink.numbers.filter(isDear)).to.have.length(500);
    expect(sink.numbers).to.deep.equal([...sink.numbers].sort((a, b) => a - b));
  });
});
