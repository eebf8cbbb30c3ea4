import { expect } from 'chai';
import { createProject, type Project } from '../../kit/project.ts';

const CORE = new URL('../../../core/', import.meta.url).href;

/** A delivery that holds one event of company, one batch in flight and one in a pause between attempts. */
const PRELUDE = `
import { Delivery } from '${CORE}delivery/delivery.ts';
import { resolveDelivery } from '${CORE}delivery/options.ts';
const make = (send, options) => {
  const delivery = new Delivery({
    send, options: resolveDelivery(options), isRedeliverySafe: true, budget: { limit: 1e9, used: 0 },
    newBatchId: () => 'id', onFailure() {}, onRefused() {}, onSuccess() {}, random: () => 1,
  });
  delivery.open();
  delivery.offer({ n: 1 });
  return delivery;
};
const hang = () => new Promise(() => {});
const waiting = make(hang, { maxDelayMs: 30_000 });
const hanging = make(hang, { maxItems: 1 });
const pausing = make(async () => { throw new Error('busy'); }, { maxItems: 1, retry: { initialDelayMs: 30_000 } });
await new Promise((resolve) => setTimeout(resolve, 20));
console.log(JSON.stringify([waiting, hanging, pausing].map(({ counts }) => counts.queued + counts.inFlight)));
`;

describe('delivery: life of the process', () => {
  let project: Project;
  before(async function () {
    this.timeout(60_000);
    project = await createProject();
  });
  after(() => {
    project.remove();
  });

  it('does not keep the process alive by waiting, by sends that hang, or between attempts', async () => {
    project.write('idle.mjs', PRELUDE);
    const startedAt = performance.now();
    const { code, stdout, stderr } = await project.run('idle.mjs');
    expect({ code, stdout, stderr }).to.deep.equal({ code: 0, stdout: '[1,1,1]\n', stderr: '' });
    expect(performance.now() - startedAt).to.be.lessThan(15_000);
  });

  it('keeps the process alive while somebody waits for a flush, and no longer', async () => {
    project.write(
      'flush.mjs',
      `${PRELUDE}
const results = await Promise.all([waiting, hanging, pausing].map((delivery) => delivery.flush(200)));
console.log(JSON.stringify(results));`,
    );
    const { code, stdout } = await project.run('flush.mjs');
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '[1,1,1]\n[false,false,false]\n' });
  });
});
