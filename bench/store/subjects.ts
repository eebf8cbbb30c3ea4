import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { DuckDBStore as PeerStore } from '@mastra/duckdb';
import type { ExportedSpan } from 'obs-kit';
import { DuckDBStore } from 'obs-kit/duckdb';

/** Something that spans are written into, batch by batch. */
export interface Target {
  write(batch: readonly ExportedSpan[]): Promise<unknown>;
  /** Writes the start of spans, where that is a write of its own. */
  start(batch: readonly ExportedSpan[]): Promise<unknown>;
  close(): Promise<void>;
}

/** This project's store. */
export async function openOurs(directory: string): Promise<Target> {
  const store = new DuckDBStore({ path: join(directory, 'obs.duckdb') });
  await store.init();
  const { observability } = store;
  return {
    write: (records) => observability.batchCreateSpans({ records }),
    start: (records) => observability.batchCreateSpans({ records: records.map(startOf) }),
    close: () => store.close(),
  };
}

/** The store of Mastra. */
export async function openPeer(directory: string): Promise<Target> {
  const store = new PeerStore({ path: join(directory, 'peer.duckdb') });
  await store.init();
  const { observability } = store as unknown as { observability: PeerObservability };
  return {
    write: (records) => observability.batchCreateSpans({ records: records.map(asPeer) }),
    start: (records) =>
      observability.batchCreateSpans({ records: records.map((span) => asPeer(startOf(span))) }),
    close: async () => (store as unknown as { close?(): Promise<void> }).close?.(),
  };
}

interface PeerObservability {
  batchCreateSpans(args: { records: object[] }): Promise<void>;
}

/**
 * DuckDB itself, the limit of what any store on it can do: `INSERT .. SELECT` of rows that lie ready in memory in the
 * columns of this project's table, one transaction a batch. It is given the spans beforehand.
 */
export async function openNative(directory: string, spans: readonly ExportedSpan[]): Promise<Target> {
  mkdirSync(join(directory, 'source'));
  const path = join(directory, 'source', 'obs.duckdb');
  const source = new DuckDBStore({ path });
  await source.init();
  for (let from = 0; from < spans.length; from += 2_000)
    await source.observability.batchCreateSpans({ records: spans.slice(from, from + 2_000) });
  await source.close();
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  await connection.run(`ATTACH '${path}' AS source (READ_ONLY)`);
  await connection.run(`ATTACH '${join(directory, 'native.duckdb')}' AS native (STORAGE_VERSION 'latest')`);
  const found = await connection.runAndReadAll(
    "SELECT sql FROM duckdb_tables() WHERE database_name = 'source' AND table_name = 'obs_spans'",
  );
  await connection.run(String(found.getRows()[0]![0]).replace('obs_spans', 'native.obs_spans'));
  await connection.run('CREATE TABLE memory.spans AS SELECT * FROM source.obs_spans');
  await connection.run("SET checkpoint_threshold = '1TB'");
  let done = 0;
  return {
    write: async ({ length }) => {
      const sql = 'INSERT INTO native.obs_spans SELECT * FROM memory.spans WHERE rowid >= $1 AND rowid < $2';
      await connection.run(sql, [done, done + length]);
      done += length;
    },
    start: () => Promise.reject(new Error('not measured')),
    close: async () => {
      await connection.run('DETACH source; CHECKPOINT native');
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function startOf({ endTime: _, endUnixMicro: _micro, output: _output, ...span }: ExportedSpan): ExportedSpan {
  return { ...span, seq: 1, status: 'running' } as ExportedSpan;
}

/** A span under the names of Mastra's records. */
function asPeer(span: ExportedSpan): object {
  const { id, startTime, endTime, type, ...same } = span;
  return {
    ...same,
    spanId: id,
    parentSpanId: span.parentSpanId ?? null,
    spanType: type,
    startedAt: startTime,
    endedAt: endTime ?? null,
    createdAt: startTime,
    updatedAt: startTime,
  };
}
