import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../../../plugins/duckdb/engine.ts';
import { Database, type Work } from '../../../plugins/duckdb/file/database.ts';
import { DuckDBStore, ObservabilityDuckDB } from '../../../plugins/duckdb/index.ts';

/** A directory for the tests of a suite, removed after it. */
export function scratchDirectory(): () => string {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'obs-duckdb-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));
  return () => directory;
}

/** One store in memory for a suite, emptied before each test and closed after all. */
export function storeInMemory(): () => ObservabilityDuckDB {
  const store = new DuckDBStore({ thread: 'main', path: ':memory:' });
  before(() => store.init());
  beforeEach(() => store.observability.dangerouslyClearAll());
  after(() => store.close());
  return () => store.observability;
}

/** A store in memory and the database under it, both in this thread. */
export function engineInMemory(memoryLimit = '64MB') {
  const options = { path: ':memory:', memoryLimit, threads: 1 };
  const database = new Database(options);
  return {
    database,
    store: new ObservabilityDuckDB(new Engine(options, database)),
    read: <R>(work: Work<R>) => database.read(work, { timeoutMs: 20_000 }),
  };
}
