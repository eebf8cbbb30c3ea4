import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { type HourResult, type HourRun, KINDS, type Kind, runHour } from './hour.ts';
import { SEED, seeded } from './seed.ts';

const EVENTS = Number(process.env['OBS_TEST_HOUR_EVENTS'] ?? 72_000);
const MB = 1_000_000;

describe(`an outage of an hour, ${EVENTS} events (OBS_TEST_SEED=${SEED})`, function () {
  this.timeout(120_000 + EVENTS / 5);
  let control: HourResult;
  let result: HourResult;
  before(async () => {
    control = await hour({ isDown: false });
    result = await hour({ isDown: true });
  });

  it('is no outage without the fault: all arrives', () => {
    expect(missing(control)).to.deep.equal(Object.fromEntries(KINDS.map((kind) => [kind, 0])));
    expect(control.held.size).to.equal(EVENTS);
  });

  it('costs memory within bounds', () => {
    expect(result.heldBytesDuring - control.heldBytesDuring).to.be.below(150 * MB);
  });

  it('in memory, gives up what is worth least, and counts it to the event', () => {
    const { emitted, held, during, after } = result;
    const lost = missing(result);
    const dropped = (signal: 'tracing' | 'logs' | 'scores') => after.signals[signal]!.dropped.queue_full ?? 0;
    expect(lost).to.deep.include({ root: 0, error: 0, score: 0 });
    expect(lost.child).to.equal(dropped('tracing'));
    expect(lost.debug + lost.info).to.equal(dropped('logs'));
    // Information goes only when there is nothing left that says less.
    expect(lost.info === 0 || lost.debug === emitted.debug.length).to.equal(true);
    expect(lost.child, 'the queue was not full, so nothing is proved').to.be.above(0);
    expect(held.size).to.equal(EVENTS - lost.child - lost.debug - lost.info);
    for (const { signals } of [during, after])
      for (const [signal, counts] of Object.entries(signals)) {
        const { accepted, delivered, queued, inFlight, spooled } = counts;
        const gone = Object.values(counts.dropped).reduce((sum, n) => sum + n, 0);
        expect(delivered + queued + inFlight + spooled + gone, signal).to.equal(accepted);
      }
  });

  it('ends with everything that was kept delivered once, half a minute after the recovery at the latest', () => {
    expect(result.repeated).to.equal(0);
    for (const counts of Object.values(result.after.signals))
      expect(counts).to.deep.include({ queued: 0, inFlight: 0, spooled: 0, circuit: 'closed' });
  });

  after(() => {
    const more = (result.heldBytesDuring - control.heldBytesDuring) / MB;
    console.log(`      held ${more.toFixed(1)} MB more than without the outage; lost`, missing(result));
  });
});

async function hour(run: Pick<HourRun, 'isDown'>): Promise<HourResult> {
  const timers: SinonFakeTimers = useFakeTimers();
  try {
    return await runHour({ timers, events: EVENTS, random: seeded(SEED), ...run });
  } finally {
    timers.restore();
  }
}

function missing({ emitted, held }: HourResult): Record<Kind, number> {
  const lost = (kind: Kind) => emitted[kind].filter((name) => !held.has(name)).length;
  return Object.fromEntries(KINDS.map((kind) => [kind, lost(kind)])) as Record<Kind, number>;
}
