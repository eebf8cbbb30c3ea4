import { expect } from 'chai';
import { storeInMemory } from './opened.ts';
import { log } from './records.ts';

/** It would take days. */
const ENDLESS = 'SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 8';

describe('the limits of a query of the DuckDB store', () => {
  const store = storeInMemory();

  async function took(work: Promise<unknown>): Promise<{ error: unknown; ms: number }> {
    const start = performance.now();
    const error = await work.then(
      () => 'no error',
      (error) => error,
    );
    return { error, ms: performance.now() - start };
  }

  it('a query ends when its time is over, and the store answers others right after', async () => {
    const { error, ms } = await took(store().runSql({ sql: ENDLESS }, { timeoutMs: 150 }));
    expect(error).to.have.property('code', 'OBS_STORE_TIMEOUT');
    expect((error as Error).message).to.match(/150 ms/);
    expect(ms).to.be.within(140, 1_000);
    await store().batchCreateLogs({ records: [log(1)] });
    expect((await store().listLogs({}, { timeoutMs: 2_000 })).pagination.total).to.equal(1);
  });

  it('a query ends with the reason of its signal', async () => {
    const controller = new AbortController();
    const reason = new Error('the page was left');
    setTimeout(() => controller.abort(reason), 100);
    const { error, ms } = await took(store().runSql({ sql: ENDLESS }, { signal: controller.signal }));
    expect(error).to.equal(reason);
    expect(ms).to.be.lessThan(1_000);
    expect((await store().runSql({ sql: 'SELECT 1' }, { timeoutMs: 2_000 })).rows).to.deep.equal([[1]]);
  });

  it('a query whose signal is over already is not asked', async () => {
    const { error, ms } = await took(
      store().runSql({ sql: ENDLESS }, { signal: AbortSignal.abort('never mind') }),
    );
    expect(error).to.equal('never mind');
    expect(ms).to.be.lessThan(200);
  });

  it('queries that wait for their turn end in time too, and the others get it', async () => {
    const controller = new AbortController();
    const slow = Array.from({ length: 3 }, () =>
      took(store().runSql({ sql: ENDLESS }, { signal: controller.signal })),
    );
    const waiting = await took(store().listLogs({}, { timeoutMs: 100 }));
    expect(waiting.error).to.have.property('code', 'OBS_STORE_TIMEOUT');
    expect(waiting.ms).to.be.lessThan(1_000);
    const patient = store().listLogs({}, { timeoutMs: 5_000 });
    controller.abort('enough');
    for (const { error } of await Promise.all(slow)) expect(error).to.equal('enough');
    expect((await patient).pagination.total).to.equal(0);
  });

  it('writes go on while queries are slow', async () => {
    const controller = new AbortController();
    const slow = [0, 1].map(() => took(store().runSql({ sql: ENDLESS }, { signal: controller.signal })));
    const { error, ms } = await took(store().batchCreateLogs({ records: [log(1)] }));
    expect(error).to.equal('no error');
    expect(ms).to.be.lessThan(2_000);
    controller.abort('enough');
    await Promise.all(slow);
    expect((await store().listLogs()).pagination.total).to.equal(1);
  });

  it('rows that are only being handed over end in time too', async () => {
    const sql = "SELECT repeat('x', 100) || a.range FROM range(10000000) a, range(10000) b";
    const { error, ms } = await took(store().runSql({ sql, maxRows: 100_000 }, { timeoutMs: 20 }));
    expect(error).to.have.property('code', 'OBS_STORE_TIMEOUT');
    expect(ms).to.be.lessThan(1_000);
    expect((await store().runSql({ sql: 'SELECT 1' })).rows).to.deep.equal([[1]]);
  });
});
