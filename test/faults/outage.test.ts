import { expect } from 'chai';
import { type OutageResult, runOutage } from './outage.ts';
import { OUTAGES, type Outage } from './outage-server.ts';
import { SEED, seeded } from './seed.ts';

const OUTAGE_MS = Number(process.env['OBS_TEST_OUTAGE_MS'] ?? 20_000);
const KINDS = Object.keys(OUTAGES) as Outage[];
/** Kinds in which the destination may have stored what it did not acknowledge. */
const AMBIGUOUS: readonly Outage[] = ['reset after it was stored'];

describe(`an outage of ${OUTAGE_MS / 1_000} s at 400 spans a second (OBS_TEST_SEED=${SEED})`, function () {
  this.timeout(OUTAGE_MS * 2 + 60_000);
  let results: OutageResult[];
  before(async () => {
    results = await runOutage({
      kinds: KINDS,
      spansPerSecond: 400,
      outageMs: OUTAGE_MS,
      random: seeded(SEED),
    });
  });

  for (const kind of KINDS) {
    const result = () => results.find((one) => one.kind === kind)!;

    it(`${kind}: loses nothing, and has everything within 10 s after the end of it`, () => {
      const { emitted, held, counts, drainMs } = result();
      expect(emitted.filter((name) => !held.has(name))).to.deep.equal([]);
      expect(held.size).to.equal(emitted.length);
      expect(counts).to.deep.include({
        accepted: emitted.length,
        delivered: emitted.length,
        dropped: {},
        queued: 0,
        inFlight: 0,
      });
      expect(drainMs).to.be.below(10_000);
    });

    it(`${kind}: ${AMBIGUOUS.includes(kind) ? 'sends again whole batches only' : 'sends nothing twice'}`, () => {
      const { held, batches } = result();
      if (!AMBIGUOUS.includes(kind)) expect([...held.values()].every((times) => times === 1)).to.equal(true);
      // A destination that recognises a span or a batch by its ids holds each once.
      const distinct = new Set(batches.map((names) => names.join()));
      expect([...distinct].flatMap((names) => names.split(','))).to.have.length(held.size);
    });
  }

  it('asks a destination that is down about every few seconds, not more often', () => {
    for (const { kind, refusals } of results) expect(refusals, kind).to.be.at.most(6 + OUTAGE_MS / 1_000);
  });

  after(() => {
    for (const { kind, drainMs, refusals, emitted } of results ?? [])
      console.log(
        `      ${kind}: ${emitted.length} spans, ${refusals} tries, drained after ${Math.round(drainMs)} ms`,
      );
  });
});
