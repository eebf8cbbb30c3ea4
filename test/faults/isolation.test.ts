import { expect } from 'chai';
import { type IsolationResult, runIsolation } from './isolation.ts';
import { SEED, seeded } from './seed.ts';

/** What a busy machine adds to either side; the number itself is printed. */
const NOISE_MS = 60;

describe(`one of four exporters hangs (OBS_TEST_SEED=${SEED})`, function () {
  this.timeout(60_000);
  let result: IsolationResult;
  before(async () => {
    result = await runIsolation({
      spansPerSecond: 500,
      phaseMs: 2_500,
      delivery: { maxDelayMs: 100, timeoutMs: 1_500 },
      random: seeded(SEED),
    });
  });

  it('and the three others deliver as fast as before', () => {
    const { control, whileOneHangs } = result;
    expect(p99(whileOneHangs)).to.be.below(p99(control) * 1.2 + NOISE_MS);
  });

  it('and its circuit opens after two thirds of its time limit, and no other', () => {
    expect(result.openedAfterMs).to.be.within(900, 2_500);
    expect(result.othersOpened).to.deep.equal([]);
  });

  it('and gets everything when it is well again', () => {
    expect(result.closedAfterMs).to.be.a('number');
    expect(result.held).to.deep.equal(Array(4).fill(result.emitted));
  });

  after(() => {
    const { control, whileOneHangs, openedAfterMs, closedAfterMs } = result;
    const ratio = p99(whileOneHangs) / p99(control);
    const ms = [p99(control), p99(whileOneHangs), openedAfterMs, closedAfterMs].map((n) =>
      Math.round(n ?? Number.NaN),
    );
    console.log(
      `      p99 ${ms[0]} ms, then ${ms[1]} ms (${ratio.toFixed(2)}); opened after ${ms[2]} ms, closed ${ms[3]} ms after the recovery`,
    );
  });
});

function p99(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}
