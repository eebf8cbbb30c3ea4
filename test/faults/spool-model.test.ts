import { expect } from 'chai';
import * as fc from 'fast-check';
import { ModelSpool } from './model-spool.ts';
import { SEED, seeded } from './seed.ts';

const SEQUENCES = Number(process.env.OBS_TEST_SEQUENCES ?? 2_000);

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 7 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('deliver' as const, 'endBatch', 'noted', 'writeBack') }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('part' as const), share: fc.constantFrom(0.3, 0.6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'power', 'stop') }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      what: fc.constantFrom('kill' as const, 'power', 'EIO', 'ENOSPC'),
      after: fc.nat({ max: 25 }),
    }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

async function perform(spool: ModelSpool, one: Action): Promise<void> {
  const { disk } = spool;
  if (disk.isDead) await spool.start();
  if (one.do === 'append') await spool.append(one.count);
  else if (one.do === 'deliver') await spool.deliver();
  else if (one.do === 'part') await spool.deliver(one.share);
  else if (one.do === 'endBatch') spool.endBatch();
  else if (one.do === 'noted') await spool.noted();
  else if (one.do === 'writeBack') disk.writeBack();
  else if (one.do === 'stop') await spool.stop();
  else if (one.do === 'kill') disk.kill();
  else if (one.do === 'fault') disk.fault = { after: one.after, what: one.what };
  else disk.cutPower();
  spool.forgive();
}

describe('the spool on a disk of a model', () => {
  it(`keeps what it acknowledged over crashes, power cuts and failing disks (${SEQUENCES} histories)`, async function () {
    this.timeout(SEQUENCES * 60 + 20_000);
    const seed = SEED;
    console.log(`      seed ${seed}`);
    const history = fc.asyncProperty(
      fc.array(action, { maxLength: 20, size: 'max' }),
      fc.boolean(),
      fc.constantFrom(3_000, 1_000_000),
      fc.nat(),
      async (actions, isDisk, maxBytes, chance) => {
        const spool = new ModelSpool(seeded(chance), isDisk, maxBytes);
        await spool.start();
        for (const one of actions) await perform(spool, one);
        await spool.settleAll();
        expect(spool.faults.join('\n')).to.equal('');
      },
    );
    await fc.assert(history, { numRuns: SEQUENCES, seed });
  });
});
