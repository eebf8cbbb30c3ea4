import { join } from 'node:path';
import { expect } from 'chai';
import { LOGS } from '../../../plugins/duckdb/file/columns.ts';
import { Database } from '../../../plugins/duckdb/file/database.ts';
import { type Cell, type Row, toRow } from '../../../plugins/duckdb/file/rows.ts';
import { encode } from '../../../plugins/duckdb/write/encode.ts';
import { saveEvents } from '../../../plugins/duckdb/write/events.ts';
import { RecentIds } from '../../../plugins/duckdb/write/recent-ids.ts';
import { engineInMemory, scratchDirectory } from './opened.ts';
import { log, span, spanId, traceId } from './records.ts';

describe('the database under the DuckDB store', () => {
  const { database, store, read } = engineInMemory();
  before(() => store.init());
  beforeEach(() => store.dangerouslyClearAll());
  after(() => store.close());
  const total = async () => (await store.listLogs()).pagination.total;
  const nothing = new RecentIds(Date.now());
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error) => error,
    );

  it('a write that fails half-way leaves nothing behind, and the next one works', async () => {
    const rows = Array.from({ length: 200 }, (_, n) => toRow(LOGS, log(n)));
    rows[150]![4] = { not: 'a cell' } as unknown as Cell;
    const error = await failure(database.write((connection) => saveEvents(connection, LOGS, rows, nothing)));
    expect(error).to.have.property('code', 'OBS_STORE_WRITE');
    expect(await total()).to.equal(0);
    const good: Row[] = rows.filter((_, index) => index !== 150);
    await database.write((connection) => saveEvents(connection, LOGS, good, nothing));
    expect(await total()).to.equal(199);
  });

  it('a write whose transaction DuckDB gave up leaves nothing behind, and the next one works', async () => {
    const error = await failure(
      database.write(async (connection) => {
        await connection.run('DELETE FROM obs_logs');
        await connection.run("INSERT INTO obs_logs (id) VALUES ('no timestamp')");
      }),
    );
    expect(error).to.have.property('code', 'OBS_STORE_WRITE');
    expect(error.message).to.match(/:memory: could not be written: .*NOT NULL/);
    await store.batchCreateLogs({ records: [log(0)] });
    expect(await total()).to.equal(1);
  });

  it('writes happen one after the other, in the order of the calls', async () => {
    const address = { traceId: traceId(0), spanId: spanId(0) };
    const writes = [store.createSpan({ span: span(0, 0, { seq: undefined }) })];
    for (let n = 0; n < 20; n++) writes.push(store.updateSpan({ ...address, updates: { output: n } }));
    await Promise.all(writes);
    expect((await store.getSpan(address))?.output).to.equal(19);
  });

  it('a reader sees one state from its first to its last look, while others write', async () => {
    const seen = await read(async (connection) => {
      const count = async () =>
        (await connection.runAndReadAll('SELECT count(*) FROM obs_logs')).getRows()[0]![0];
      const first = await count();
      await store.batchCreateLogs({ records: [log(0), log(1)] });
      return [first, await count()];
    });
    expect(seen).to.deep.equal([0n, 0n]);
    expect(await total()).to.equal(2);
  });

  it('a query that needs more memory than there is fails by code, and the store goes on', async () => {
    const hungry = 'SELECT list(a.range) FROM range(30000000) a';
    const error = await failure(read((connection) => connection.runAndReadAll(hungry)));
    expect(error).to.have.property('code', 'OBS_STORE_READ');
    expect(error.message).to.match(/memory/i);
    await store.batchCreateLogs({ records: [log(0)] });
    expect(await total()).to.equal(1);
  });

  it('closing waits for a query that still runs', async () => {
    const closing = new Database({ path: ':memory:', memoryLimit: '64MB', threads: 1 });
    await closing.open();
    const slow = 'SELECT sum(a.range + b.range) FROM range(20000) a, range(5000) b';
    const order: string[] = [];
    const reading = closing
      .read((connection) => connection.runAndReadAll(slow), { timeoutMs: 20_000 })
      .then(() => order.push('read'));
    await Promise.all([reading, closing.close().then(() => order.push('closed'))]);
    expect(order).to.deep.equal(['read', 'closed']);
  });

  it('encoding a large batch leaves the thread free in between', async () => {
    let turns = 0;
    const count = (): unknown => setImmediate(() => turns++ < 1_000 && count());
    count();
    const records = Array.from({ length: 1_000 }, (_, n) => log(n));
    const { batch, rejected } = await encode('logs', records);
    expect(rejected).to.deep.equal([]);
    expect(batch.logs).to.have.lengthOf(1_000);
    expect(turns).to.be.within(10, 100);
    turns = 1_000;
  });
});

describe('the file under the DuckDB store', () => {
  const directory = scratchDirectory();

  it('has its rows in groups of 10,240, so that a checkpoint has little to write anew', async () => {
    const path = join(directory(), 'obs.duckdb');
    const database = new Database({ path, memoryLimit: '128MB', threads: 1 });
    await database.open();
    const rows = Array.from({ length: 10_241 }, (_, n) => toRow(LOGS, log(n)));
    await database.write((connection) => saveEvents(connection, LOGS, rows, new RecentIds(Date.now())));
    const sql = `SELECT sum(count)::INTEGER FROM pragma_storage_info('obs_logs')
      WHERE column_name = 'id' AND segment_type = 'VARCHAR' GROUP BY row_group_id ORDER BY row_group_id`;
    const groups = await database.read(
      async (connection) => (await connection.runAndReadAll(sql)).getRows(),
      {
        timeoutMs: 20_000,
      },
    );
    expect(groups).to.deep.equal([[10_240], [1]]);
    await database.close();
  });
});
