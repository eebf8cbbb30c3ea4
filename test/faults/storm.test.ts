import { expect } from 'chai';
import { expectAccounted } from './accounts.ts';
import { VALUABLE } from './mix.ts';
import { runStorm, type StormResult } from './storm.ts';

/** Enough to fill the queues of the two loud signals several times over. */
const EVENTS = Number(process.env['OBS_TEST_STORM_EVENTS'] ?? 160_000);
const MB = 1_000_000;

describe(`a storm of ten times the capacity, ${EVENTS} events`, function () {
  this.timeout(120_000 + EVENTS / 5);
  let control: StormResult;
  let storm: StormResult;
  before(async () => {
    control = await runStorm({ events: EVENTS, times: 1 });
    storm = await runStorm({ events: EVENTS, times: 10 });
  });

  it('costs memory within bounds', () => {
    expect(storm.mostBytes - control.mostBytes).to.be.below(200 * MB);
  });

  it('takes no end of a root or failed span, no error, score or feedback', () => {
    const lost = missing(storm);
    for (const kind of VALUABLE) expect(lost[kind], kind).to.equal(0);
    expect(lost.child + lost.debug, 'no storm').to.be.above(EVENTS / 3);
  });

  it('is counted to the event, at every moment', () => {
    for (const moment of [...storm.during, storm.after]) expectAccounted(moment);
    const lost = missing(storm);
    const { tracing, logs, scores, feedback } = storm.after.signals;
    expect(tracing!.dropped).to.deep.equal({ queue_full: lost.child });
    expect(logs!.dropped).to.deep.equal({ queue_full: lost.debug + lost.info });
    expect([scores!.dropped, feedback!.dropped]).to.deep.equal([{}, {}]);
    const delivered = [tracing, logs, scores, feedback].reduce((sum, counts) => sum + counts!.delivered, 0);
    expect(storm.collector.times.reduce((sum, times) => sum + times, 0)).to.equal(delivered);
    expect(storm.collector.times.every((times) => times <= 1)).to.equal(true);
  });

  it('is none for a destination that keeps up', () => {
    expect(control.collector.times.every((times) => times === 1)).to.equal(true);
  });

  after(() => {
    const more = (storm.mostBytes - control.mostBytes) / MB;
    console.log(`      held ${more.toFixed(1)} MB more than without the storm; lost`, missing(storm));
  });
});

function missing({ mix, collector }: StormResult) {
  return mix.missing(collector);
}
