import { expect } from 'chai';
import fc from 'fast-check';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { PermanentError, RetryableError } from '../../../core/delivery/outcome.ts';
import { createDelivery, type Item, item, items } from './deliver.ts';

const MINUTE = 60_000;

describe('delivery: a batch whose time is over', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => timers.restore());

  /** A destination that is down for a time, and takes batches with some events never. */
  function destination({ isDown = () => false, never = [] as number[] }) {
    const delivered: number[] = [];
    const attempts: number[][] = [];
    const send = async (batch: readonly Item[]) => {
      const numbers = batch.map(({ n }) => n);
      attempts.push(numbers);
      if (isDown() || numbers.some((n) => never.includes(n))) throw new Error('503');
      delivered.push(...numbers);
    };
    return { send, delivered, attempts };
  }

  const options = { maxItems: 2, retry: { initialDelayMs: 1_000, factor: 1, maxElapsedMs: 5 * MINUTE } };

  it('costs nothing in an outage of a day, in which everything fails', async () => {
    const day = 24 * 60 * MINUTE;
    const { send, delivered } = destination({ isDown: () => Date.now() < day });
    const { delivery } = createDelivery({ send, options, random: () => 1 });
    for (const event of items(1, 20)) delivery.offer(event);
    await timers.tickAsync(day - 1);
    expect(delivery.counts).to.deep.include({ delivered: 0, dropped: {} });
    await timers.tickAsync(10_000);
    expect(delivery.counts).to.deep.include({
      accepted: 20,
      delivered: 20,
      queued: 0,
      inFlight: 0,
      dropped: {},
    });
    expect([...delivered].sort((a, b) => a - b)).to.deep.equal(items(1, 20).map(({ n }) => n));
  });

  it('holds no more than two batches outside of the queue meanwhile', async () => {
    const { send } = destination({ isDown: () => true });
    const { delivery } = createDelivery({ send, options, random: () => 1 });
    for (const event of items(1, 20)) delivery.offer(event);
    let most = 0;
    for (let minute = 0; minute < 120; minute++) {
      await timers.tickAsync(MINUTE);
      most = Math.max(most, delivery.counts.inFlight);
      expect(delivery.counts.inFlight + delivery.counts.queued).to.equal(20);
    }
    expect(most).to.equal(4);
  });

  it('is divided when others get through, until the event that does not stands alone, and that is given up', async () => {
    const { send, delivered } = destination({ never: [200] });
    const { delivery, failures, refused } = createDelivery({
      send,
      options: { ...options, maxItems: 512 },
      random: () => 1,
    });
    for (const event of items(1, 1_024)) delivery.offer(event);
    await timers.tickAsync(5 * MINUTE + 10_000);
    expect(delivered, 'another is tried in its place').to.have.length(512);
    await timers.tickAsync(2 * MINUTE);
    expect(delivered).to.have.length(1_023).and.not.include(200);
    expect(new Set(delivered).size, 'none is sent twice').to.equal(1_023);
    expect(delivery.counts, 'nothing else could be taken since').to.deep.include({
      inFlight: 1,
      dropped: {},
    });
    for (const event of items(2_001, 2_512)) delivery.offer(event);
    await timers.tickAsync(MINUTE);
    expect(delivery.counts).to.deep.include({ inFlight: 0, dropped: { retry_exhausted: 1 } });
    const given = failures.filter(({ outcome }) => outcome === 'retry_exhausted');
    expect(given.map(({ count, error }) => [count, String(error)])).to.deep.equal([
      [1, 'PermanentError: 503'],
    ]);
    const letters = refused.map(({ event, reason }) => [event?.n, reason]);
    expect(letters, 'for the dead letters').to.deep.equal([[200, '503']]);
  });

  it('holds up others for its time once, and a few attempts for each half', async () => {
    const { send, attempts } = destination({ never: [1] });
    const { delivery } = createDelivery({ send, options: { ...options, maxItems: 8 }, random: () => 1 });
    const more = setInterval(() => {
      for (const event of items(100, 107)) delivery.offer(event);
    }, 10_000);
    for (const event of items(1, 8)) delivery.offer(event);
    await timers.tickAsync(5 * MINUTE + 500);
    const before = attempts.length;
    await timers.tickAsync(2 * MINUTE);
    clearInterval(more);
    expect(delivery.counts.dropped).to.deep.equal({ retry_exhausted: 1 });
    const failed = attempts.slice(before).filter((batch) => batch.includes(1));
    // Of the whole, of four, of two and of one, and of that twice more.
    expect(failed.map(({ length }) => length)).to.deep.equal(
      [8, 4, 2, 1, 1, 1].flatMap((n) => Array(5).fill(n)),
    );
  });

  it('is not given up when a second outage begins as the first has hardly ended', async () => {
    const { send, delivered } = destination({
      // Between two outages it takes one batch.
      isDown: () => Date.now() < 60 * MINUTE && (Date.now() < 7 * MINUTE || delivered.length === 2),
    });
    const { delivery } = createDelivery({ send, options, random: () => 1 });
    for (const event of items(1, 6)) delivery.offer(event);
    await timers.tickAsync(60 * MINUTE);
    expect(delivered).to.deep.equal([3, 4]);
    await timers.tickAsync(MINUTE);
    expect(delivery.counts).to.deep.include({ delivered: 6, inFlight: 0, dropped: {} });
  });

  it('is given up after its time once, where other batches were under way beside it', async () => {
    const { send, delivered } = destination({ never: [1] });
    const plan = { maxInFlight: 2 };
    const { delivery } = createDelivery({ send, options, plan, random: () => 1 });
    const more = setInterval(() => {
      for (const event of items(100, 101)) delivery.offer(event);
    }, 1_000);
    for (const event of items(1, 2)) delivery.offer(event);
    await timers.tickAsync(5 * MINUTE + 30_000);
    clearInterval(more);
    expect(delivery.counts.dropped).to.deep.equal({ retry_exhausted: 1 });
    expect(delivered).to.include(2);
    expect(delivered.length).to.be.above(400);
  });

  it('is sent before all that came later once the destination takes anything again', async () => {
    const { send, delivered, attempts } = destination({ isDown: () => Date.now() < 7 * MINUTE });
    const { delivery } = createDelivery({ send, options, random: () => 1 });
    for (const event of items(1, 8)) delivery.offer(event);
    await timers.tickAsync(8 * MINUTE);
    expect(attempts[0]).to.deep.equal([1, 2]);
    expect(delivered).to.deep.equal([3, 4, 1, 2, 5, 6, 7, 8]);
  });

  it('keeps the parts of it that were not sent yet', async () => {
    let isDown = false;
    const delivered: number[] = [];
    const { delivery } = createDelivery({
      send: async (batch) => {
        const numbers = batch.map(({ n }) => n);
        if (isDown) throw new Error('503');
        if (numbers.includes(2)) {
          isDown = numbers.length === 1;
          throw new PermanentError('400');
        }
        delivered.push(...numbers);
      },
      options: { ...options, maxItems: 4 },
      random: () => 1,
    });
    for (const event of items(1, 4)) delivery.offer(event);
    await timers.tickAsync(60 * MINUTE);
    expect(delivered).to.deep.equal([1]);
    expect(delivery.counts).to.deep.include({ inFlight: 2, dropped: { rejected: 1 } });
    isDown = false;
    await timers.tickAsync(5_000);
    expect(delivered).to.deep.equal([1, 3, 4]);
    expect(delivery.counts).to.deep.include({ delivered: 3, inFlight: 0 });
  });

  it('is so only after its time in one piece, without anything that is no fault of its own', async () => {
    const attempts: number[][] = [];
    const { delivery } = createDelivery({
      send: async (batch) => {
        attempts.push(batch.map(({ n }) => n));
        const isThere = Date.now() < 4 * MINUTE || Date.now() > 5 * MINUTE;
        throw isThere ? new Error('503') : new RetryableError('refused', { isUnreachable: true });
      },
      options,
      random: () => 1,
    });
    for (const event of items(1, 4)) delivery.offer(event);
    await timers.tickAsync(9 * MINUTE);
    expect(attempts.every(([first]) => first === 1)).to.equal(true);
    await timers.tickAsync(2 * MINUTE);
    expect(attempts.at(-1)).to.deep.equal([3, 4]);
  });

  it('is open for a flush, and waits for no deadline of it', async () => {
    const { send } = destination({ isDown: () => true });
    const { delivery } = createDelivery({ send, options, random: () => 1 });
    for (const event of items(1, 4)) delivery.offer(event);
    await timers.tickAsync(12 * MINUTE);
    const flushed = delivery.flush(10_000);
    await timers.tickAsync(10_000);
    expect(await flushed).to.equal(false);
  });

  it('is left with the others at the end', async () => {
    for (const end of ['close', 'takeLeft'] as const) {
      const { send } = destination({ isDown: () => true });
      const { delivery } = createDelivery({ send, options, random: () => 1 });
      for (const event of items(1, 7)) delivery.offer(event);
      await timers.tickAsync(12 * MINUTE);
      expect(delivery.counts.inFlight).to.equal(4);
      if (end === 'takeLeft') {
        const left = delivery.takeLeft().map(({ n }) => n);
        expect(left.sort((a, b) => a - b)).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
        delivery.settleLeft('lost');
      } else {
        let inFlightThen: number | undefined;
        const closed = delivery.close(0).finally(() => {
          inFlightThen = delivery.counts.inFlight;
        });
        await timers.tickAsync(1_000);
        expect(await closed).to.equal(false);
        expect(inFlightThen, 'all is settled by then').to.equal(0);
      }
      expect(delivery.counts).to.deep.include({ queued: 0, inFlight: 0 });
      const lost = Object.values(delivery.counts.dropped).reduce((sum, count) => sum + count, 0);
      expect(lost).to.equal(7);
    }
  });

  it('goes on alone where nothing else is due', async () => {
    const { send, delivered } = destination({ isDown: () => Date.now() < 60 * MINUTE });
    const { delivery } = createDelivery({ send, options: { ...options, maxItems: 1 }, random: () => 1 });
    delivery.offer(item(1));
    await timers.tickAsync(60 * MINUTE + 5_000);
    expect(delivered).to.deep.equal([1]);
  });

  it('costs only what is at fault itself, whatever outages there are', async () => {
    const minutes = (max: number) => fc.integer({ min: 1, max }).map((n) => n * MINUTE);
    const spells = fc.array(fc.record({ down: minutes(40), up: minutes(15) }), {
      minLength: 1,
      maxLength: 5,
    });
    const never = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 2 });
    const run = fc.asyncProperty(
      spells,
      never,
      fc.integer({ min: 1, max: 40 }),
      async (spells, never, maxItems) => {
        let isUp = true;
        const { send, delivered } = destination({ isDown: () => !isUp, never });
        const { delivery } = createDelivery({ send, options: { ...options, maxItems }, random: () => 0.5 });
        let made = 0;
        const pass = async (ms: number) => {
          for (const until = Date.now() + ms; Date.now() < until; await timers.tickAsync(30_000))
            delivery.offer(item(++made));
        };
        for (const { down, up } of spells) {
          await pass(up);
          isUp = false;
          await pass(down);
          isUp = true;
        }
        await pass(60 * MINUTE);
        const good = items(1, made)
          .map(({ n }) => n)
          .filter((n) => !never.includes(n));
        const bad = never.filter((n) => n <= made);
        await timers.tickAsync(MINUTE);
        expect([...delivered].sort((a, b) => a - b)).to.deep.equal(good);
        const { retry_exhausted = 0, ...others } = delivery.counts.dropped;
        expect(others).to.deep.equal({});
        expect(retry_exhausted + delivery.counts.inFlight).to.equal(bad.length);
      },
    );
    await fc.assert(run, { numRuns: 25, seed: 37 });
  });
});
