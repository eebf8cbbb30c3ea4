import { join } from 'node:path';
import { expect } from 'chai';
import { States } from '../../../plugins/duckdb/file/states.ts';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { KnownTotals } from '../../../plugins/duckdb/read/known-totals.ts';
import { scratchDirectory, storeInMemory } from './opened.ts';
import { span, traceId } from './records.ts';

describe('totals that are remembered until the next commit', () => {
  let states: States;
  let known: KnownTotals;
  const begin = async (meanwhile = () => {}) => {
    const [, totals] = await known.during(async () => {
      meanwhile();
      return true;
    });
    return totals;
  };
  beforeEach(() => {
    states = new States();
    known = new KnownTotals(states);
  });

  it('are known for the same filters, and for no others', async () => {
    (await begin()).set({ userId: 'a' }, 7);
    expect((await begin()).get({ userId: 'a' })).to.equal(7);
    expect((await begin()).get({ userId: 'b' })).to.equal(undefined);
  });

  it('end with a commit, whatever came of it', async () => {
    (await begin()).set({}, 7);
    states.leave();
    expect((await begin()).get({})).to.equal(undefined);
    states.enter();
    expect((await begin()).get({})).to.equal(undefined);
  });

  it('are not taken from a snapshot that a commit may or may not be in', async () => {
    states.leave();
    (await begin()).set({}, 1);
    states.enter();
    (await begin(() => states.leave())).set({}, 2);
    states.enter();
    const during = await begin(() => {
      states.leave();
      states.enter();
    });
    during.set({}, 3);
    expect((await begin()).get({})).to.equal(undefined);
  });

  it('are not taken from a query that took no snapshot', async () => {
    const [, totals] = await known.during(async () => undefined);
    totals.set({}, 1);
    expect((await begin()).get({})).to.equal(undefined);
  });

  it('of a query that ends after the next commit are forgotten, and harm none that came since', async () => {
    const slow = await begin();
    states.leave();
    states.enter();
    (await begin()).set({}, 8);
    slow.set({}, 7);
    expect(slow.get({})).to.equal(undefined);
    expect((await begin()).get({})).to.equal(8);
  });

  it('are few, however many filters are asked for', async () => {
    const totals = await begin();
    for (let n = 0; n < 250; n++) totals.set({ userId: `${n}` }, n);
    const left = Array.from({ length: 250 }, (_, n) => totals.get({ userId: `${n}` })).filter(
      (n) => n !== undefined,
    );
    expect(left).to.have.length.within(1, 100);
    expect(left.at(-1)).to.equal(249);
  });
});

describe('the total of a list that is asked again', () => {
  const store = storeInMemory();
  const failing = { filters: { hasChildError: true } };
  const total = async (args = {}) => (await store().listTraces(args)).pagination.total;
  const write = (trace: number) =>
    store().batchCreateSpans({ records: [span(trace, 0), span(trace, 1, { status: 'error' })] });

  it('follows what is written, deleted and cleared', async () => {
    for (let n = 0; n < 3; n++) {
      await write(n);
      for (let again = 0; again < 2; again++) {
        expect(await total()).to.equal(n + 1);
        expect(await total(failing)).to.equal(n + 1);
      }
    }
    await store().batchDeleteTraces({ traceIds: [traceId(1)] });
    for (let again = 0; again < 2; again++) {
      expect(await total()).to.equal(2);
      expect(await total(failing)).to.equal(2);
    }
    await store().dangerouslyClearAll();
    expect(await total()).to.equal(0);
    expect(await total(failing)).to.equal(0);
  });

  it('follows a change to a span that is there already', async () => {
    await store().batchCreateSpans({ records: [span(0, 0), span(0, 1)] });
    expect(await total(failing)).to.equal(0);
    await store().batchCreateSpans({ records: [span(0, 1, { seq: 3, status: 'error' })] });
    expect(await total(failing)).to.equal(1);
  });
});

describe('the total of a list in a file', () => {
  const directory = scratchDirectory();

  it('follows what is pruned, and what another store writes through the owner', async () => {
    const path = join(directory(), 'shared.duckdb');
    const options = { path, retention: { tracing: { maxAgeDays: 7 } } };
    const [owner, other] = [new DuckDBStore(options), new DuckDBStore(options)];
    await owner.init();
    await other.init();
    const totals = () =>
      Promise.all(
        [owner, other].map(async ({ observability }) => (await observability.listTraces()).pagination.total),
      );
    const now = Date.now() * 1_000;
    await other.observability.batchCreateSpans({
      records: [span(0, 0), span(1, 0, { startUnixMicro: now })],
    });
    expect(await totals()).to.deep.equal([2, 2]);
    await other.observability.batchCreateSpans({ records: [span(2, 0, { startUnixMicro: now })] });
    expect(await totals()).to.deep.equal([3, 3]);
    await other.observability.prune();
    expect(await totals()).to.deep.equal([2, 2]);
    await owner.close();
    await other.observability.batchCreateSpans({ records: [span(3, 0, { startUnixMicro: now })] });
    expect((await other.observability.listTraces()).pagination.total).to.equal(3);
    await other.close();
  }).timeout(60_000);
});
