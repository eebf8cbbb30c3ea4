import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import {
  AmbiguousError,
  DestinationError,
  PermanentError,
  RetryableError,
} from '../../../core/delivery/outcome.ts';
import { createDelivery, createGate, createSink, failingSend, item, items, NEVER } from './deliver.ts';

const busy = () => new Error('503');

describe('delivery: the circuit', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('opens after five failures in a row and closes at the first success, with all events that found room', async () => {
    const target = failingSend(8, busy);
    const { delivery, failures } = createDelivery({
      send: target.send,
      options: { maxItems: 1, queueItems: 3 },
      random: () => 1,
    });
    delivery.offer(item(1));
    // Attempts at 0, 1, 3, 7, 12, 17, 22, 27 and 32 s.
    await timers.tickAsync(11_000);
    expect(delivery.circuit.state).to.equal('closed');
    await timers.tickAsync(2_000);
    expect(delivery.circuit.state).to.equal('open');
    for (const event of items(2, 9)) delivery.offer(event);
    await timers.tickAsync(18_000);
    expect(delivery.circuit.state).to.equal('open');
    expect(delivery.counts).to.deep.include({ inFlight: 1, queued: 3, dropped: { queue_full: 5 } });
    await timers.tickAsync(10_000);
    expect(delivery.circuit.state).to.equal('closed');
    expect(target.delivered).to.deep.equal([1, 7, 8, 9]);
    const told = failures.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'queue_full');
    expect(told).to.deep.equal([...Array(4).fill('retrying'), ...Array(4).fill('paused')]);
  });

  it('opens after as many failures as its options say, and a success in between begins the count anew', async () => {
    let sends = 0;
    const { delivery, failures } = createDelivery({
      send: async () => {
        if (++sends % 3 !== 0) throw busy();
      },
      options: { maxItems: 1, retry: { breakAfter: 3 } },
    });
    for (const event of items(1, 10)) delivery.offer(event);
    await timers.tickAsync(1_000);
    expect(sends).to.equal(30);
    expect(new Set(failures.map(({ outcome }) => outcome))).to.deep.equal(new Set(['retrying']));
    const impatient = failingSend(9, busy);
    const other = createDelivery({
      send: impatient.send,
      options: { maxItems: 1, retry: { breakAfter: 2 } },
      random: () => 1,
    });
    other.delivery.offer(item(1));
    await timers.tickAsync(1_100);
    expect(other.delivery.circuit.state).to.equal('open');
  });

  it('is open 20 s after a send has begun to hang, says so at the time limit, and heals', async () => {
    let sends = 0;
    const sink = createSink();
    const { delivery, failures } = createDelivery({
      send: (batch, context) => (++sends === 1 ? NEVER : sink.send(batch, context)),
      options: { maxItems: 2 },
    });
    for (const event of items(1, 5)) delivery.offer(event);
    await timers.tickAsync(19_900);
    expect(delivery.circuit.state).to.equal('closed');
    await timers.tickAsync(200);
    expect(delivery.circuit.state).to.equal('open');
    expect(failures).to.deep.equal([]);
    await timers.tickAsync(9_950);
    expect(failures.map(({ outcome }) => outcome)).to.deep.equal(['paused']);
    await timers.tickAsync(2_000);
    expect(delivery.circuit.state).to.equal('closed');
    expect(sink.numbers).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('is half-open while it is tried, and closes again for a send that was only slow', async () => {
    const gate = createGate();
    let sends = 0;
    const { delivery } = createDelivery({
      send: async () => {
        if (++sends === 1) throw new DestinationError('401');
        await gate.promise;
      },
      options: { maxItems: 1 },
    });
    delivery.offer(item(1));
    await timers.tickAsync(10);
    expect(delivery.circuit.state).to.equal('open');
    await timers.tickAsync(30_000);
    expect(delivery.circuit.state).to.equal('half-open');
    await timers.tickAsync(20_000);
    expect(delivery.circuit.state).to.equal('open');
    gate.open();
    await timers.tickAsync(1);
    expect(delivery.circuit.state).to.equal('closed');
  });

  it('makes a new batch wait like the one before it, which was given up', async () => {
    const target = failingSend(100, () => new AmbiguousError('reset'));
    const { delivery, failures } = createDelivery({
      send: target.send,
      options: { maxItems: 1 },
      isRedeliverySafe: false,
      random: () => 1,
    });
    for (const event of items(1, 40)) delivery.offer(event);
    await timers.tickAsync(150_000);
    const pauses = target.at.slice(1).map((at, index) => Math.round((at - target.at[index]!) / 1_000));
    expect(pauses).to.deep.equal([0, 0, 0, 0, 16, 30, 30, 30, 30]);
    expect(delivery.counts).to.deep.include({ inFlight: 1, queued: 29, dropped: { ambiguous: 10 } });
    expect(failures.filter(({ outcome }) => outcome === 'paused')).to.have.length(6);
  });

  it('asks a destination that is out of order every few seconds, so that it is known soon when that is mended', async () => {
    let attempts = 0;
    const { delivery } = createDelivery({
      send: async () => {
        attempts++;
        throw busy();
      },
      options: { maxItems: 1 },
      random: () => 1,
    });
    delivery.offer(item(1));
    await timers.tickAsync(600_000);
    // Given up after five minutes of answers that are none.
    expect(attempts).to.equal(4 + Math.ceil((300_000 - 7_000) / 5_000));
    expect(delivery.counts.dropped).to.deep.equal({ retry_exhausted: 1 });
  });

  it('gives nothing up for the time in which there is nobody to send to', async () => {
    const target = failingSend(1_000, () => new RetryableError('refused', { isUnreachable: true }));
    const { delivery } = createDelivery({ send: target.send, options: { maxItems: 1 }, random: () => 1 });
    delivery.offer(item(1));
    await timers.tickAsync(3_600_000);
    expect(target.at.length).to.be.within(700, 730);
    expect(delivery.counts).to.deep.include({ inFlight: 1, dropped: {} });
    await timers.tickAsync(1_500_000);
    expect(target.delivered).to.deep.equal([1]);
  });

  it('has one sender try where two have failed, and both go on when that one gets through', async () => {
    let isDown = true;
    const at: number[] = [];
    const { delivery } = createDelivery({
      send: async () => {
        at.push(Date.now());
        if (isDown) throw busy();
      },
      options: { maxItems: 1 },
      plan: { maxInFlight: 2 },
      random: () => 1,
    });
    for (const event of items(1, 2)) delivery.offer(event);
    await timers.tickAsync(20_000);
    expect(delivery.circuit.state).to.equal('open');
    expect(delivery.counts.inFlight).to.equal(2);
    at.length = 0;
    await timers.tickAsync(20_000);
    expect(at).to.have.length(4);
    isDown = false;
    await timers.tickAsync(5_000);
    expect(delivery.counts).to.deep.include({ delivered: 2, inFlight: 0 });
  });

  it('lets a sender that only waits for another one end at the close', async () => {
    const { delivery, failures } = createDelivery({
      send: async () => {
        throw busy();
      },
      options: { maxItems: 1 },
      plan: { maxInFlight: 2 },
      random: () => 1,
    });
    for (const event of items(1, 2)) delivery.offer(event);
    await timers.tickAsync(20_000);
    const closed = delivery.close(0);
    await timers.tickAsync(10);
    expect(await closed).to.equal(false);
    expect(delivery.counts).to.deep.include({ inFlight: 0, dropped: { shutdown: 2 } });
    expect(failures.at(-1)?.outcome).to.equal('shutdown');
  });

  it('ends at once at the close, also before the first attempt of a batch', async () => {
    const target = failingSend(100, () => new AmbiguousError('reset'));
    const { delivery } = createDelivery({
      send: target.send,
      options: { maxItems: 1 },
      isRedeliverySafe: false,
      random: () => 1,
    });
    for (const event of items(1, 8)) delivery.offer(event);
    await timers.tickAsync(10);
    const closed = delivery.close(0);
    await timers.tickAsync(10);
    expect(await closed).to.equal(false);
    expect(delivery.counts).to.deep.include({ inFlight: 0, queued: 0, accepted: 8 });
  });

  it('stays closed for a destination that answers, though it refuses everything', async () => {
    const target = failingSend(1_000, () => new PermanentError('400'));
    const { delivery } = createDelivery({ send: target.send, options: { maxItems: 1 } });
    for (const event of items(1, 50)) delivery.offer(event);
    await timers.tickAsync(100);
    expect(delivery.circuit.state).to.equal('closed');
    expect(delivery.counts.dropped).to.deep.equal({ rejected: 50 });
  });

  it('lets one send try where several could be under way, and all of them again afterwards', async () => {
    let isDown = true;
    let underWay = 0;
    const most = { down: 0, up: 0 };
    const { delivery } = createDelivery({
      send: async () => {
        underWay++;
        const phase = isDown ? 'down' : 'up';
        most[phase] = Math.max(most[phase], underWay);
        await new Promise((resolve) => setTimeout(resolve, 100));
        underWay--;
        if (isDown) throw new DestinationError('401');
      },
      options: { maxItems: 1 },
      plan: { maxInFlight: 2 },
    });
    delivery.offer(item(1));
    await timers.tickAsync(150);
    for (const event of items(2, 9)) delivery.offer(event);
    await timers.tickAsync(100_000);
    expect(delivery.counts, 'the others stay where a full queue can weigh them').to.include({
      inFlight: 1,
      queued: 8,
    });
    isDown = false;
    await timers.tickAsync(40_000);
    expect(most).to.deep.equal({ down: 1, up: 2 });
    expect(delivery.counts).to.deep.include({ delivered: 9, inFlight: 0, queued: 0 });
  });
});
