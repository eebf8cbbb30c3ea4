import { expect } from 'chai';
import sinon from 'sinon';
import { createSystemClock, microOf } from '../../core/clock.ts';

describe('the system clock', () => {
  afterEach(() => sinon.restore());

  it('gives whole microseconds near the wall time', () => {
    const clock = createSystemClock();
    const before = Date.now();
    const micro = clock.unixMicro();
    expect(Number.isSafeInteger(micro)).to.equal(true);
    expect(micro).to.be.within((before - 5) * 1000, (Date.now() + 5) * 1000);
    expect(Number.isSafeInteger(clock.monotonicMicro())).to.equal(true);
  });

  it('tells moments of one millisecond apart', () => {
    const monotonic = sinon.stub(performance, 'now').returns(1_000);
    sinon.stub(Date, 'now').returns(1_700_000_000_000);
    const clock = createSystemClock();
    const first = clock.unixMicro();
    monotonic.returns(1_000.25);
    expect(clock.unixMicro() - first).to.equal(250);
    expect(first).to.equal(1_700_000_000_000_000);
  });

  it('follows within a second when the wall clock is set', () => {
    const monotonic = sinon.stub(performance, 'now').returns(0);
    const wall = sinon.stub(Date, 'now').returns(1_700_000_000_000);
    const clock = createSystemClock();
    clock.unixMicro();
    monotonic.returns(2_000);
    wall.returns(1_600_000_000_000);
    expect(clock.unixMicro()).to.equal(1_600_000_000_000_000);
  });

  it('does not jump for the rounding of the wall clock', () => {
    const monotonic = sinon.stub(performance, 'now').returns(0.9);
    const wall = sinon.stub(Date, 'now').returns(1_700_000_000_000);
    const clock = createSystemClock();
    const first = clock.unixMicro();
    monotonic.returns(1_501.4);
    wall.returns(1_700_000_001_501);
    expect(clock.unixMicro() - first).to.equal(1_500_500);
  });

  it('measures durations that a set wall clock cannot make negative', () => {
    const monotonic = sinon.stub(performance, 'now').returns(10);
    const wall = sinon.stub(Date, 'now').returns(2_000);
    const clock = createSystemClock();
    const start = clock.monotonicMicro();
    monotonic.returns(11.5);
    wall.returns(1_000);
    expect(clock.monotonicMicro() - start).to.equal(1_500);
  });
});

describe('microOf', () => {
  it('gives the microseconds of a date, and nothing for what is none', () => {
    expect(microOf(new Date(1_234))).to.equal(1_234_000);
    expect(microOf(new Date(-1))).to.equal(-1_000);
    expect(microOf('2024-01-01T00:00:00Z' as never)).to.equal(1_704_067_200_000_000);
    for (const time of [undefined, null, new Date(Number.NaN), 'soon', {}, Symbol('x'), 10n])
      expect(microOf(time as never)).to.equal(undefined);
  });
});
