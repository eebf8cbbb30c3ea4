import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { BaseObservabilityEventBus, type EventBusOptions } from '../../../core/bus/event-bus.ts';
import type { DeadLetters } from '../../../core/delivery/dead-letters.ts';
import { Deliveries } from '../../../core/delivery/deliveries.ts';
import { DiagnosticsBook } from '../../../core/diagnostics/diagnostics-book.ts';
import { nodeFiles } from '../../../core/spool/files.ts';
import { NEVER } from '../delivery/deliver.ts';

function createBus(options?: EventBusOptions) {
  const warnings: string[] = [];
  const book = new DiagnosticsBook((line) => warnings.push(line));
  const deliveries = new Deliveries({
    book,
    deadLetters: { add() {}, flush: async () => {} } as unknown as DeadLetters,
    budget: { limit: 1e9, used: 0 },
    newBatchId: () => 'id',
    random: () => 0,
    dataDir: tmpdir(),
    files: nodeFiles,
  });
  return { bus: new BaseObservabilityEventBus<{ n: number }>(deliveries, options), book, warnings };
}

describe('the base bus', () => {
  let timers: SinonFakeTimers;
  beforeEach(() => {
    timers = useFakeTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('hands every event to every subscriber, in order, one after the other', async () => {
    const { bus } = createBus();
    const seen: string[] = [];
    bus.subscribe(async ({ n }) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      seen.push(`slow ${n}`);
    });
    bus.subscribe(({ n }) => void seen.push(`fast ${n}`));
    for (const n of [1, 2, 3]) bus.emit({ n });
    const flushed = bus.flush();
    await timers.tickAsync(100);
    expect(await flushed).to.deep.equal({ isComplete: true, level: 'memory', pending: 0, spooled: 0 });
    expect(seen).to.deep.equal(['fast 1', 'fast 2', 'fast 3', 'slow 1', 'slow 2', 'slow 3']);
  });

  it('hands over as soon as bufferSize events wait, by default 100', async () => {
    for (const [options, size] of [
      [{}, 100],
      [{ bufferSize: 5 }, 5],
    ] as const) {
      const { bus } = createBus(options);
      const seen: number[] = [];
      bus.subscribe(({ n }) => void seen.push(n));
      for (let n = 1; n < size; n++) bus.emit({ n });
      await timers.tickAsync(900);
      expect(seen).to.deep.equal([]);
      bus.emit({ n: size });
      await timers.tickAsync(1);
      expect(seen).to.have.length(size);
    }
  });

  it('hands over after flushIntervalMs at the latest, by default a second', async () => {
    for (const [options, ms] of [
      [{}, 1_000],
      [{ flushIntervalMs: 50 }, 50],
    ] as const) {
      const { bus } = createBus(options);
      const seen: number[] = [];
      bus.subscribe(({ n }) => void seen.push(n));
      bus.emit({ n: 1 });
      await timers.tickAsync(ms - 1);
      expect(seen).to.deep.equal([]);
      await timers.tickAsync(2);
      expect(seen).to.deep.equal([1]);
    }
  });

  it('goes on after a handler that throws, and counts what it refused', async () => {
    const { bus, book, warnings } = createBus();
    const seen: number[] = [];
    bus.subscribe(({ n }) => {
      if (n === 2) throw new Error('not this one');
      seen.push(n);
    });
    for (const n of [1, 2, 3]) bus.emit({ n });
    const flushed = bus.flush();
    await timers.tickAsync(10);
    await flushed;
    expect(seen).to.deep.equal([1, 3]);
    expect(book.report().subscribers['subscriber-1']).to.deep.include({
      accepted: 3,
      delivered: 2,
      dropped: { rejected: 1 },
    });
    expect(warnings).to.deep.equal([
      'obs ERROR plugin "subscriber-1" lost 1 events (rejected): not this one',
    ]);
  });

  it('takes its time for a slow handler: the time limit is that of one event, not of a buffer full', async () => {
    const { bus, book } = createBus({ bufferSize: 10 });
    let seen = 0;
    bus.subscribe(async ({ n }) => {
      await new Promise((resolve) => setTimeout(resolve, n === 3 ? 3_600_000 : 20_000));
      seen++;
    });
    for (let n = 1; n <= 10; n++) bus.emit({ n });
    await timers.tickAsync(9 * 20_000 + 30_000 + 1_000);
    expect(seen).to.equal(9);
    expect(book.report().subscribers['subscriber-1']).to.deep.include({
      delivered: 9,
      dropped: { rejected: 1 },
    });
  });

  it('hands a subscriber that has left what was emitted before, and nothing after', async () => {
    const { bus, book } = createBus();
    const seen: number[] = [];
    const unsubscribe = bus.subscribe(({ n }) => void seen.push(n));
    bus.emit({ n: 1 });
    unsubscribe();
    bus.emit({ n: 2 });
    unsubscribe();
    await timers.tickAsync(2_000);
    expect(seen).to.deep.equal([1]);
    expect(bus.hasSubscribers).to.equal(false);
    expect(book.report().subscribers).to.deep.equal({});
  });

  it('forgets subscribers that come and go, however many', async () => {
    const { bus, book } = createBus();
    for (let n = 0; n < 100; n++) {
      const unsubscribe = bus.subscribe(() => {});
      bus.emit({ n });
      unsubscribe();
      await timers.tickAsync(10);
    }
    expect(book.report().subscribers).to.deep.equal({});
    expect((await bus.flush()).pending).to.equal(0);
  });

  it('keeps a subscriber that hangs from holding up the others', async () => {
    const { bus } = createBus();
    const seen: number[] = [];
    bus.subscribe(() => NEVER);
    bus.subscribe(({ n }) => void seen.push(n));
    bus.emit({ n: 1 });
    const flushed = bus.flush({ deadlineMs: 500 });
    await timers.tickAsync(500);
    expect(seen).to.deep.equal([1]);
    expect(await flushed).to.deep.equal({ isComplete: false, level: 'memory', pending: 1, spooled: 0 });
  });

  it('counts as dropped what is emitted after the shutdown, also for those who subscribe then', async () => {
    const { bus, book } = createBus();
    const seen: number[] = [];
    bus.subscribe(({ n }) => void seen.push(n));
    await bus.shutdown();
    bus.emit({ n: 1 });
    bus.subscribe(({ n }) => void seen.push(n));
    await timers.tickAsync(10);
    bus.emit({ n: 2 });
    await timers.tickAsync(5_000);
    expect(seen).to.deep.equal([]);
    expect(book.report().subscribers).to.deep.include({
      'subscriber-2': {
        ...book.report().subscribers['subscriber-1']!,
        accepted: 1,
        dropped: { shutdown: 1 },
      },
    });
  });
});
