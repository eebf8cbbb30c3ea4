import { chmodSync, copyFileSync, existsSync, renameSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { MetricEvent } from '../../../core/index.ts';
import { seriesOf } from '../write/series.ts';
import { append } from './append.ts';
import { METRIC_SERIES, METRICS } from './columns.ts';
import { bytesOf, type DatabaseFile, logBytesOf, mustHaveRoom, PRIVATE_FILE, syncFile } from './place.ts';
import { fromRow, fromValues, type Row } from './rows.ts';
import { METRICS_VIEW, SCHEMA_VERSION, tableSql } from './schema.ts';

/** Free space beside that for the backup and for what an upgrade writes. */
const SPARE_BYTES = 16 * 1024 * 1024;

/** @throws ObsError `OBS_STORE_PATH` when there is no room for a backup and an upgrade. */
export function mustHaveRoomToUpgrade({ path }: DatabaseFile): void {
  // As much again for the rows that are written anew, at worst all.
  mustHaveRoom(path, 2 * (bytesOf(path) + logBytesOf(path)) + SPARE_BYTES, 'an upgrade with its backup');
}

/** Copies a database that nobody has open and that has no log; gives the path of the copy, which is on the disk. */
export function backUp({ path }: DatabaseFile, version: number): string {
  const backup = freeName(`${path}.v${version}`);
  const unfinished = `${backup}.unfinished`;
  copyFileSync(path, unfinished);
  chmodSync(unfinished, PRIVATE_FILE);
  syncFile(unfinished);
  renameSync(unfinished, backup);
  return backup;
}

/** Brings the tables of an older version up to date, in one transaction: all of it or nothing. */
export async function upgrade(connection: DuckDBConnection, from: number): Promise<void> {
  await connection.run('BEGIN TRANSACTION');
  try {
    for (let version = from; version < SCHEMA_VERSION; version++) await STEPS[version]!(connection);
    await connection.run("UPDATE obs_meta SET value = $1 WHERE key = 'schema_version'", [
      String(SCHEMA_VERSION),
    ]);
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** What leads from a version to the next. */
const STEPS: Record<number, (connection: DuckDBConnection) => Promise<void>> = { 1: splitSeriesFromMetrics };

const SERIES_CELLS = METRIC_SERIES.columns.slice(1).map(({ name }) => `"${name}"`);

/** Version 1 kept what a series says in each observation. */
async function splitSeriesFromMetrics(connection: DuckDBConnection): Promise<void> {
  for (const table of [METRIC_SERIES, METRICS]) await connection.run(tableSql(table));
  await connection.run(
    `CREATE TEMP TABLE old_series AS
     SELECT row_number() OVER () AS n, * FROM (SELECT DISTINCT ${SERIES_CELLS.join(', ')} FROM obs_metrics)`,
  );
  await connection.run('CREATE TEMP TABLE new_ids (n BIGINT, series_id BIGINT)');
  await nameSeries(connection);
  const same = SERIES_CELLS.map((cell) => `m.${cell} IS NOT DISTINCT FROM s.${cell}`).join(' AND ');
  const cells = METRICS.columns.map(({ name }) => (name === 'series_id' ? 'i.series_id' : `m."${name}"`));
  await connection.run(
    `INSERT INTO ${METRICS.name} SELECT ${cells.join(', ')}
     FROM obs_metrics m JOIN old_series s ON ${same} JOIN new_ids i USING (n)`,
  );
  await connection.run(`DROP TABLE obs_metrics; DROP TABLE old_series; DROP TABLE new_ids; ${METRICS_VIEW}`);
}

/** Gives each old series the id that an observation of it would get today, and writes it once. */
async function nameSeries(connection: DuckDBConnection): Promise<void> {
  const old = await connection.runAndReadAll(`SELECT n, ${SERIES_CELLS.join(', ')} FROM old_series`);
  const rows = new Map<number, Row>();
  const ids: [n: string, seriesId: number][] = [];
  for (const [n, ...values] of old.getRows()) {
    const event = fromRow<MetricEvent>(METRIC_SERIES, fromValues(METRIC_SERIES, [0n, ...values]));
    const { seriesId, row } = seriesOf(event);
    rows.set(seriesId, row);
    ids.push([String(n), seriesId]);
  }
  await append(connection, METRIC_SERIES, [...rows.values()]);
  await connection.run(
    `INSERT INTO new_ids SELECT unnest(from_json($1, '["BIGINT"]')), unnest(from_json($2, '["BIGINT"]'))`,
    [JSON.stringify(ids.map(([n]) => Number(n))), JSON.stringify(ids.map(([, id]) => id))],
  );
}

/** A backup never replaces another. */
function freeName(start: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? `${start}.bak` : `${start}-${n}.bak`;
    if (!existsSync(name)) return name;
  }
}
