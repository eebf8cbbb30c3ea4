import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBStore, type ObservabilityDuckDB } from '../../../plugins/duckdb/index.ts';

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
  const store = new DuckDBStore({ path: ':memory:' });
  before(() => store.init());
  beforeEach(() => store.observability.dangerouslyClearAll());
  after(() => store.close());
  return () => store.observability;
}
