import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { AmbiguousError, PermanentError } from '../../../core/delivery/outcome.ts';
import { createDelivery, failingSend, item, items, NEVER } from './deliver.ts';

describe('delivery: what a send comes to', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('drops an event that the destination will never accept, counted as rejected, and goes on', async () => {
    const target = failingSend(1, () => new PermanentError('400 bad request'));
    const { delivery, failures, refused } = createDelivery({ send: target.send, options: { maxItems: 1 } });
    for (const event of items(1, 2)) delivery.offer(event);
    await timers.tickAsync(100);
    expect(target.at).to.have.length(2);
    expect(target.delivered).to.deep.equal([2]);
    expect(delivery.counts.dropped).to.deep.equal({ rejected: 1 });
    expect(failures.map(({ outcome }) => outcome)).to.deep.equal(['rejected']);
    expect(refused).to.deep.equal([{ event: item(1), reason: '400 bad request' }]);
  });

  it('knows the errors of another copy of the package by their symbol', async () => {
    const foreign = Object.assign(new Error('400'), { [Symbol.for('obs.send-failure')]: 'permanent' });
    const target = failingSend(1, () => foreign);
    const { delivery } = createDelivery({ send: target.send, options: { maxItems: 1 } });
    delivery.offer(item(1));
    await timers.tickAsync(100);
    expect(delivery.counts.dropped).to.deep.equal({ rejected: 1 });
  });

  it('repeats a send that may have arrived where that is safe', async () => {
    const target = failingSend(1, () => new AmbiguousError('reset after the body was sent'));
    const { delivery } = createDelivery({ send: target.send, options: { maxItems: 1 } });
    delivery.offer(item(1));
    await timers.tickAsync(100);
    expect(delivery.counts).to.deep.include({ delivered: 1, dropped: {} });
  });

  it('does not repeat a send that may have arrived where that is unsafe, counted as ambiguous', async () => {
    const target = failingSend(1, () => new AmbiguousError('reset after the body was sent'));
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

  it('says of a send that the shutdown ended that it was so, and not that it was slow', async () => {
    const { delivery, failures } = createDelivery({ send: () => NEVER, options: { maxItems: 1 } });
    delivery.offer(item(1));
    await timers.tickAsync(10);
    const closed = delivery.close(0);
    await timers.tickAsync(10);
    await closed;
    expect(failures.map(({ outcome }) => outcome)).to.deep.equal(['shutdown']);
    expect(String(failures[0]!.error))
      .to.include('ended by the shutdown')
      .and.not.include('OBS_SEND_TIMEOUT');
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
    const { delivery, failures, refused } = createDelivery({
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
    expect(refused).to.deep.equal([
      { event: item(2), reason: 'too old' },
      { event: item(4), reason: 'too large' },
    ]);
  });

  it('counts each event once, whatever a plugin lists as refused', async () => {
    const listed = [
      { index: 1 },
      { index: 1, reason: 'again' },
      null,
      { index: 99 },
      { index: 0, reason: 'x' },
    ];
    const { delivery, refused } = createDelivery({
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
    expect(refused.map(({ event }) => event?.n)).to.deep.equal([2, undefined, undefined, 1]);
  });
});
