import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import { expectAccounted } from './accounts.ts';
import { type HourResult, type HourRun, runHour } from './hour.ts';
import { VALUABLE } from './mix.ts';
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
    expect(control.collector.times.every((times) => times === 1)).to.equal(true);
  });

  it('costs memory within bounds', () => {
    expect(result.heldBytes - control.heldBytes).to.be.below(150 * MB);
  });

  it('in memory, gives up what is worth least, and counts it to the event', () => {
    const { mix, during, after } = result;
    const lost = missing(result);
    const dropped = (signal: 'tracing' | 'logs') => after.signals[signal]!.dropped.queue_full ?? 0;
    // With a million events even those of value do not all find room; then nothing of less value is left.
    for (const kind of VALUABLE) if (mix.emitted[kind] < 8_000) expect(lost[kind], kind).to.equal(0);
    expect(lost.child, 'the queue was not full, so nothing is proved').to.be.above(0);
    expect(lost.child + lost.root + lost.failed).to.equal(dropped('tracing'));
    expect(lost.debug + lost.info + lost.error).to.equal(dropped('logs'));
    // Information goes only when there is nothing left that says less, but for the batch that was on its way.
    expect(lost.info === 0 || lost.debug >= mix.emitted.debug - 512).to.equal(true);
    expectAccounted(during);
    expectAccounted(after);
  });

  it('ends with everything that was kept delivered once, half a minute after the recovery at the latest', () => {
    expect(result.collector.times.every((times) => times <= 1)).to.equal(true);
    for (const counts of Object.values(result.after.signals))
      expect(counts).to.deep.include({ queued: 0, inFlight: 0, spooled: 0, circuit: 'closed' });
  });

  it('with a spool, loses nothing at all, and holds no more in memory than without the outage', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'obs-hour-'));
    const delivery = { durability: 'os', spoolBytes: 4_000_000_000 } as const;
    try {
      const spooled = await hour({ isDown: true, delivery, dataDir });
      expect(spooled.heldBytes - control.heldBytes).to.be.below(150 * MB);
      const kept = Object.values(spooled.during.signals).reduce((sum, counts) => sum + counts.spooled, 0);
      expect(kept).to.be.above(EVENTS * 0.9);
      expectAccounted(spooled.during);
      expectAccounted(spooled.after);
      expect(missing(spooled)).to.deep.equal(missing(control));
      expect(spooled.collector.times.every((times) => times === 1)).to.equal(true);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  after(() => {
    const more = (result.heldBytes - control.heldBytes) / MB;
    console.log(`      held ${more.toFixed(1)} MB more than without the outage; lost`, missing(result));
  });
});

async function hour(run: Pick<HourRun, 'isDown' | 'delivery' | 'dataDir'>): Promise<HourResult> {
  const timers = useFakeTimers();
  try {
    return await runHour({ timers, events: EVENTS, random: seeded(SEED), ...run });
  } finally {
    timers.restore();
  }
}

function missing({ mix, collector }: HourResult) {
  return mix.missing(collector);
}
