import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import sinon from 'sinon';
import { Checkpoints } from '../../../plugins/duckdb/file/checkpoint.ts';
import { LOGS } from '../../../plugins/duckdb/file/columns.ts';
import { Database } from '../../../plugins/duckdb/file/database.ts';
import type { DatabaseFile } from '../../../plugins/duckdb/file/place.ts';
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

  it('encoding lets records go one by one where nobody else has them, and leaves them alone elsewhere', async () => {
    const shared = [log(0), log(1)];
    await encode('logs', shared);
    expect(shared).to.deep.equal([log(0), log(1)]);
    const sole = [log(0), { id: 7 }, log(1)];
    const { batch, rejected } = await encode('logs', sole, true);
    expect(sole).to.deep.equal([undefined, undefined, undefined]);
    expect(batch.logs).to.have.lengthOf(2);
    expect(rejected[0]).to.deep.include({ index: 1 });
    expect(rejected[0]!.reason).to.match(/record 7/);
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

  it('lets reads go on while a write waits for a checkpoint', async () => {
    const database = new Database({
      path: join(directory(), 'folded.duckdb'),
      memoryLimit: '128MB',
      threads: 1,
    });
    await database.open();
    const write = (from: number) => {
      const rows = Array.from({ length: 2_000 }, (_, n) => toRow(LOGS, log(from + n)));
      return database.write((connection) => saveEvents(connection, LOGS, rows, new RecentIds(Date.now())));
    };
    await write(0);
    let isFolded = (): void => {};
    const folding = new Promise<void>((resolve) => {
      isFolded = resolve;
    });
    const settled = sinon.stub(Checkpoints.prototype, 'settled').returns(folding);
    let isWritten = false;
    const written = write(2_000).then(() => {
      isWritten = true;
    });
    const count = () => database.read(countLogs, { timeoutMs: 20_000 });
    await setTimeout(100);
    expect(await count()).to.equal(2_000);
    expect(isWritten).to.equal(false);
    isFolded();
    await written;
    expect(await count()).to.equal(4_000);
    settled.restore();
    await database.close();
  });
});

async function countLogs(connection: DuckDBConnection): Promise<unknown> {
  const found = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM obs_logs');
  return found.getRows()[0]![0];
}

describe('a checkpoint', () => {
  const directory = scratchDirectory();

  it('is waited for while it is under way, and whether or not it succeeds', async () => {
    const path = join(directory(), 'none.duckdb');
    let fail = (_: Error): void => {};
    const run = () => new Promise((_, reject) => (fail = reject));
    const instance = { connect: async () => ({ run, closeSync() {} }) } as unknown as DuckDBInstance;
    const checkpoints = new Checkpoints(instance, { path, exists: false } as DatabaseFile);
    await checkpoints.settled();
    const ran = checkpoints.run().catch(({ message }) => message);
    let isSettled = false;
    const settled = checkpoints.settled().then(() => {
      isSettled = true;
    });
    await setTimeout(20);
    expect(isSettled).to.equal(false);
    fail(new Error('no room'));
    await settled;
    expect(await ran).to.equal('no room');
  });
});
