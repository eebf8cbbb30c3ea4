import type { DuckDBConnection } from '@duckdb/node-api';
import { EVENT_TABLES, METRIC_SERIES, SPANS } from '../file/columns.ts';
import { SPAN_CHANGES } from '../file/schema.ts';

/** Everything that is stored, table by table. */
export const TABLE_NAMES: readonly string[] = [
  SPANS.name,
  SPAN_CHANGES,
  METRIC_SERIES.name,
  ...EVENT_TABLES.map(({ name }) => name),
];

/** What a table takes of the file. */
export interface TableSize {
  records: number;
  /** Estimated, also for records that are in the log only; 0 while the file holds none of the table, and in memory. */
  bytes: number;
}

const BLOCK_BYTES = 262_144;

const SEGMENTS = TABLE_NAMES.map(
  (name) => `SELECT '${name}' AS name, * FROM pragma_storage_info('${name}') WHERE persistent`,
).join(' UNION ALL ');

/** Blocks are shared: each part of a table in a block has an equal share of it. Deleted rows are still there. */
const STORED = `
  WITH segments AS (${SEGMENTS}),
  parts AS (SELECT name, unnest(list_prepend(block_id, additional_block_ids)) AS block FROM segments),
  shares AS (SELECT block, 1.0 / count(*) AS share FROM parts WHERE block >= 0 GROUP BY block),
  blocks AS (SELECT name, sum(share) AS blocks FROM parts JOIN shares USING (block) GROUP BY name),
  stored AS (
    SELECT name, sum(count) AS records FROM segments
    WHERE column_id = 0 AND segment_type <> 'VALIDITY' GROUP BY name)
  SELECT name, blocks, records::BIGINT FROM stored JOIN blocks USING (name)`;

const COUNTS = TABLE_NAMES.map((name) => `SELECT '${name}', count(*) FROM ${name}`).join(' UNION ALL ');

/** The size of every table: its records, each of the average size of those that the file holds. */
export async function tableSizes(connection: DuckDBConnection): Promise<Map<string, TableSize>> {
  const stored = await connection.runAndReadAll(STORED);
  const bytesPerRecord = new Map(
    stored
      .getRows()
      .map(([name, blocks, records]) => [String(name), (Number(blocks) * BLOCK_BYTES) / Number(records)]),
  );
  const counts = await connection.runAndReadAll(COUNTS);
  return new Map(
    counts.getRows().map(([name, count]) => {
      const records = Number(count);
      return [
        String(name),
        { records, bytes: Math.round(records * (bytesPerRecord.get(String(name)) ?? 0)) },
      ];
    }),
  );
}
