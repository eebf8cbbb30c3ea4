import { expect } from 'chai';
import * as fc from 'fast-check';
import type { PartialResult } from '../../../core/contract/send.ts';
import { droppedOf } from '../../../core/delivery/counts.ts';
import type { Delivery } from '../../../core/delivery/delivery.ts';
import { AmbiguousError, DestinationError, PermanentError } from '../../../core/delivery/outcome.ts';
import { createDelivery, type Item, NEVER, worth } from './deliver.ts';

const BEHAVIOURS = [
  ...(['fine', 'slow', 'fails', 'rejected', 'picky', 'ambiguous', 'partly', 'hangs', 'throws'] as const),
  'out of order',
] as const;
type Behaviour = (typeof BEHAVIOURS)[number];

type Step =
  | { kind: 'offer'; count: number; payload: number; value: number }
  | { kind: 'wait' }
  | { kind: 'flush' };

const behaviours = fc.array(fc.constantFrom(...BEHAVIOURS), { minLength: 1, maxLength: 30 });

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('offer' as const),
      count: fc.integer({ min: 1, max: 12 }),
      payload: fc.integer({ min: 0, max: 900 }),
      /** That of the first; it changes from event to event. */
      value: fc.integer({ min: 0, max: 4 }),
    }),
    fc.record({ kind: fc.constant('wait' as const) }),
    fc.record({ kind: fc.constant('flush' as const) }),
  ),
  { minLength: 1, maxLength: 25 },
);

const setups = fc.record({
  maxItems: fc.integer({ min: 1, max: 6 }),
  queueItems: fc.integer({ min: 1, max: 20 }),
  queueBytes: fc.integer({ min: 500, max: 6_000 }),
  whenFull: fc.constantFrom('drop-oldest' as const, 'drop-newest' as const),
  isRedeliverySafe: fc.boolean(),
});

describe('delivery: accounting', () => {
  it('accounts for every event at every change of state, whatever the sends do', async () => {
    await fc.assert(
      fc.asyncProperty(behaviours, steps, setups, async (plan, script, setup) => {
        await run(plan, script, setup);
      }),
      { numRuns: 60, seed: 42 },
    );
  });
});

async function run(
  plan: Behaviour[],
  script: Step[],
  { isRedeliverySafe, ...queue }: { isRedeliverySafe: boolean; maxItems: number; queueItems: number },
): Promise<void> {
  let offered = 0;
  let sends = 0;
  const received = new Map<number, number>();
  const options = {
    ...queue,
    maxDelayMs: 1,
    timeoutMs: 3,
    retry: { initialDelayMs: 1, maxElapsedMs: 4, probeMs: 1 },
  };
  const send = async (batch: readonly Item[]): Promise<void | PartialResult> => {
    check();
    const behaviour = plan[sends++ % plan.length]!;
    return behave(behaviour, batch, (n) => received.set(n, (received.get(n) ?? 0) + 1));
  };
  const made = createDelivery({
    // Not every plugin returns a promise before it throws.
    send: (batch) => {
      if (plan[sends % plan.length] !== 'throws') return send(batch);
      sends++;
      throw new Error('before any promise');
    },
    options,
    isRedeliverySafe,
    onFailure: () => check(),
  });
  const { delivery, refused } = made;
  const check = () => assertAccounted(delivery);

  for (const step of script) {
    if (step.kind === 'wait') await new Promise((resolve) => setTimeout(resolve, 1));
    else if (step.kind === 'flush') void delivery.flush(5).then(check);
    else
      for (let i = 0; i < step.count; i++) {
        delivery.offer(worth((step.value + i * 2) % 5, ++offered, step.payload));
        check();
      }
    check();
  }
  await delivery.close(10);
  check();
  const { counts } = delivery;
  expect(counts).to.deep.include({ accepted: offered, queued: 0, inFlight: 0, spooled: 0 });
  expect(counts.delivered + droppedOf(counts)).to.equal(offered);
  // What is counted as delivered has been received; a batch that was repeated may have been received more often.
  expect(received.size).to.be.at.least(counts.delivered);
  const { rejected = 0, retry_exhausted = 0 } = counts.dropped;
  expect(refused).to.have.length(rejected + retry_exhausted);
}

function assertAccounted({ counts }: Delivery<Item>): void {
  const { accepted, delivered, spooled, queued, inFlight } = counts;
  expect(accepted).to.equal(delivered + droppedOf(counts) + spooled + queued + inFlight);
  for (const count of [delivered, spooled, queued, inFlight]) expect(count).to.be.at.least(0);
}

async function behave(
  behaviour: Behaviour,
  batch: readonly Item[],
  receive: (n: number) => void,
): Promise<void | PartialResult> {
  switch (behaviour) {
    case 'fails':
      throw new Error('busy');
    case 'rejected':
      throw new PermanentError('never');
    case 'picky':
      if (batch.some(({ n }) => n % 3 === 0)) throw new PermanentError('no multiples of three');
      break;
    case 'out of order':
      throw new DestinationError('401');
    case 'ambiguous':
      for (const { n } of batch) receive(n);
      throw new AmbiguousError('perhaps');
    case 'hangs':
      return NEVER;
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, 2));
      break;
    case 'partly':
      for (const { n } of batch.slice(1)) receive(n);
      return { rejected: [{ index: 0, reason: 'bad' }] };
    default:
  }
  for (const { n } of batch) receive(n);
}
