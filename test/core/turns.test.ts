import { setImmediate, setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import { forEachInTurns, nextTurn } from '../../core/index.ts';

function busyFor(ms: number): void {
  for (const endsAt = performance.now() + ms; performance.now() < endsAt; );
}

describe('turns', () => {
  it('let the event loop go on between the parts of long work', async () => {
    let turns = 0;
    let isOver = false;
    const count = async () => {
      for (; !isOver; turns++) await setImmediate();
    };
    const counted = count();
    const seen: number[] = [];
    await forEachInTurns([...Array(40).keys()], (n) => {
      busyFor(1);
      seen.push(n);
    });
    isOver = true;
    await counted;
    expect(seen).to.deep.equal([...Array(40).keys()]);
    expect(turns).to.be.at.least(9);
  });

  it('hold parts of 4 ms together, however many are at work, and these come in order', async () => {
    const timers = useFakeTimers({ toFake: ['performance'] });
    const order: number[] = [];
    const turns: number[] = [];
    let isOver = false;
    const watch = async () => {
      for (let before = 0; !isOver; before = order.length) {
        await setImmediate();
        turns.push(order.length - before);
      }
    };
    const part = async (n: number) => {
      for (let times = 0; times < 3; times++) {
        await nextTurn();
        order.push(n);
        timers.tick(2);
      }
    };
    const all = [...Array(30).keys()];
    const watched = watch();
    await Promise.all(all.map(part));
    isOver = true;
    await watched;
    timers.restore();
    expect(order).to.deep.equal([...all, ...all, ...all]);
    expect(Math.max(...turns)).to.equal(2);
  });

  it('hands on what a part throws', async () => {
    const failing = forEachInTurns([1, 2], (n) => {
      if (n === 2) throw new Error('two');
    });
    expect(await failing.catch((error: Error) => error.message)).to.equal('two');
  });

  it('go on after a clock of a test that stopped with some of them waiting', async () => {
    const timers = useFakeTimers();
    let resumed = 0;
    void nextTurn().then(() => resumed++);
    timers.restore();
    void nextTurn().then(() => resumed++);
    await setTimeout(20);
    expect(resumed).to.equal(2);
  });
});
