import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { messageOf, ObsError, type Signal } from '../../core/index.ts';
import { append } from './file/append.ts';
import { FEEDBACK, LOGS, METRIC_SERIES, METRICS, SCORES, SPANS, type Table } from './file/columns.ts';
import { importDuckDB, quoted } from './file/open.ts';
import { toRow } from './file/rows.ts';
import { CATALOG, tableSql } from './file/schema.ts';

/** Parquet files that are being filled: one for each signal that has something. */
export interface ParquetFiles {
  /** Adds spans, or events of another signal. */
  add(signal: Signal, records: readonly object[]): Promise<void>;
  /** Writes the files; what is there under their names is replaced. */
  finish(): Promise<void>;
  /** Leaves none of it behind. */
  discard(): Promise<void>;
}

const isSeriesId = ({ name }: { name: string }) => name === 'series_id';

/** The columns of the database, apart from those that hold its parts together. */
const TABLES: Record<Signal, Table> = {
  tracing: { ...SPANS, name: 'spans' },
  metrics: {
    ...METRICS,
    name: 'metrics',
    columns: [...METRICS.columns, ...METRIC_SERIES.columns].filter((column) => !isSeriesId(column)),
  },
  logs: { ...LOGS, name: 'logs' },
  scores: { ...SCORES, name: 'scores' },
  feedback: { ...FEEDBACK, name: 'feedback' },
};

/**
 * Begins parquet files in a directory, which is made where it is missing. They are collected in a DuckDB instance of
 * their own, in memory and beyond its limit in a temporary directory beside them.
 * @throws ObsError `OBS_FILE_PATH` for a directory that cannot be written, `OBS_PLUGIN_DEPENDENCY`.
 */
export async function openParquet(directory: string, memoryLimit = '512MB'): Promise<ParquetFiles> {
  const spill = join(directory, `.spill-${process.pid}`);
  try {
    await mkdir(spill, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ObsError('OBS_FILE_PATH', `${directory} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const { DuckDBInstance } = await importDuckDB();
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: memoryLimit,
    temp_directory: spill,
    threads: '2',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run(`ATTACH ':memory:' AS ${CATALOG}; USE ${CATALOG}`);
  return new Collected(directory, spill, instance, connection);
}

class Collected implements ParquetFiles {
  readonly #directory: string;
  readonly #spill: string;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #filled = new Set<Signal>();

  constructor(directory: string, spill: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#directory = directory;
    this.#spill = spill;
    this.#instance = instance;
    this.#connection = connection;
  }

  readonly add = async (signal: Signal, records: readonly object[]): Promise<void> => {
    const table = TABLES[signal];
    if (!this.#filled.has(signal)) await this.#connection.run(tableSql(table));
    this.#filled.add(signal);
    const rows = records.map((record) => toRow(table, record));
    await append(this.#connection, table, rows);
  };

  readonly finish = async (): Promise<void> => {
    const names = [...this.#filled].map((signal) => TABLES[signal].name);
    // Beside their places first: no half of a file ever has its name.
    for (const name of names) {
      const part = join(this.#spill, `${name}.parquet`);
      await this.#connection.run(`COPY ${name} TO ${quoted(part)} (FORMAT parquet, COMPRESSION zstd)`);
      await chmod(part, 0o600);
    }
    for (const name of names) {
      await rename(join(this.#spill, `${name}.parquet`), join(this.#directory, `${name}.parquet`));
    }
    await this.discard();
  };

  readonly discard = async (): Promise<void> => {
    this.#connection.closeSync();
    this.#instance.closeSync();
    await rm(this.#spill, { recursive: true, force: true });
  };
}
