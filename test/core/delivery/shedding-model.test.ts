import { expect } from 'chai';
import * as fc from 'fast-check';
import { makeRoom } from '../../../core/delivery/make-room.ts';
import { BoundedQueue } from '../../../core/delivery/queue.ts';
import { bytesOf } from '../../../core/snapshot/snapshot.ts';
import { type Item, worth } from './deliver.ts';

type Step = { kind: 'offer'; value: number; payload: number } | { kind: 'take'; items: number };

const offers = fc.record({
  kind: fc.constant('offer' as const),
  value: fc.integer({ min: 0, max: 4 }),
  payload: fc.integer({ min: 0, max: 700 }),
});
const takes = fc.record({ kind: fc.constant('take' as const), items: fc.integer({ min: 1, max: 4 }) });
const steps = fc.array(fc.oneof({ weight: 6, arbitrary: offers }, { weight: 1, arbitrary: takes }), {
  minLength: 10,
  maxLength: 120,
});

const bounds = fc.record({
  items: fc.integer({ min: 1, max: 12 }),
  bytes: fc.integer({ min: 400, max: 5_000 }),
  /** Other queues use the rest of the memory. */
  memory: fc.integer({ min: 400, max: 6_000 }),
  whenFull: fc.constantFrom('drop-oldest' as const, 'drop-newest' as const),
});
type Bounds = typeof bounds extends fc.Arbitrary<infer B> ? B : never;

interface Plain {
  n: number;
  value: number;
  bytes: number;
  position: number;
}

/** What a queue keeps, written down as it is said: one plain list. */
class Model {
  waiting: Plain[] = [];
  dropped = 0;
  entered = 0;
  readonly #bounds: Bounds;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  offer(event: Omit<Plain, 'position'>): void {
    const isNewest = this.#bounds.whenFull === 'drop-newest';
    const mustStay = ({ value }: Plain) => (isNewest ? value >= event.value : value > event.value);
    if (!this.#fits(event.bytes, this.waiting.filter(mustStay))) {
      this.dropped++;
      return;
    }
    while (!this.#fits(event.bytes, this.waiting)) {
      const least = Math.min(...this.waiting.map(({ value }) => value));
      const candidates = this.waiting.filter(({ value }) => value === least);
      const victim = isNewest ? candidates.at(-1) : candidates[0];
      this.waiting = this.waiting.filter((one) => one !== victim);
      this.dropped++;
    }
    this.waiting.push({ ...event, position: this.entered++ });
  }

  #fits(bytes: number, among: readonly Plain[]): boolean {
    const { items, bytes: maxBytes, memory } = this.#bounds;
    const sum = among.reduce((total, one) => total + one.bytes, bytes);
    return among.length === 0 || (among.length < items && sum <= Math.min(maxBytes, memory));
  }
}

describe('delivery: a full queue', () => {
  it('keeps the same events in the same order as a plain list that is searched for the least of them', () => {
    fc.assert(fc.property(steps, bounds, compare), { numRuns: 500, seed: 7 });
  });
});

function compare(script: readonly Step[], limits: Bounds): void {
  const model = new Model(limits);
  const budget = { limit: limits.memory, used: 0 };
  const queue = new BoundedQueue<Item>(limits.items, limits.bytes, budget);
  let dropped = 0;
  const { whenFull } = limits;
  const offer = (event: Item) => {
    const bytes = bytesOf(event);
    if (makeRoom(queue, undefined, { event, bytes, whenFull, givenUp: () => dropped++ })) dropped++;
    else queue.push(event, bytes);
  };
  script.forEach((step, n) => {
    if (step.kind === 'take') {
      const taken = queue.take(step.items, 1e9).map((event) => event.n);
      expect(taken).to.deep.equal(model.waiting.splice(0, step.items).map((event) => event.n));
    } else {
      offer(worth(step.value, n, step.payload));
      model.offer({ n, value: step.value, bytes: 200 + step.payload });
    }
    const bytes = model.waiting.reduce((sum, one) => sum + one.bytes, 0);
    expect([queue.length, queue.bytes, budget.used]).to.deep.equal([model.waiting.length, bytes, bytes]);
    expect(queue.next).to.equal(model.waiting[0]?.position ?? model.entered);
    expect(dropped).to.equal(model.dropped);
  });
  const left = queue.take(1e9, 1e9).map((event) => event.n);
  expect(left).to.deep.equal(model.waiting.map((event) => event.n));
}
