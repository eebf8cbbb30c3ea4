import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { MetricEvent } from '../../../core/index.ts';
import { METRIC_SERIES } from '../file/columns.ts';
import { missingField, type Row, toRow } from '../file/rows.ts';

/** Series whose id is kept ready. */
const MAX_CACHED = 20_000;
/** Hex digits of an id: 52 bits, which a JavaScript number holds. */
const ID_DIGITS = 13;

/** A series and its row. */
export interface Series {
  seriesId: number;
  row: Row;
}

const cache = new Map<string, Series>();

/**
 * The series of an observation: the same for the same name, type, unit, description and labels in any order. Its id is
 * made of these, so that nobody has to ask for it.
 * @throws Error that names the field which is missing or cannot be stored.
 */
export function seriesOf({ name, metricType, unit, description, labels }: MetricEvent): Series {
  const key = JSON.stringify([name, metricType, unit, description, sorted(labels)]);
  const known = cache.get(key);
  if (known) return known;
  const seriesId = Number(`0x${createHash('sha256').update(key).digest('hex').slice(0, ID_DIGITS)}`);
  const row = toRow(METRIC_SERIES, { seriesId, name, metricType, unit, description, labels });
  const missing = missingField(METRIC_SERIES, row);
  if (missing) throw new Error(`${missing} is missing`);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(key, { seriesId, row });
  return { seriesId, row };
}

function sorted(labels: unknown): unknown {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return labels;
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The series among these that are not stored. */
export async function newSeries(
  connection: DuckDBConnection,
  series: ReadonlyMap<number, Row>,
  isKnown: (seriesId: number) => boolean,
): Promise<Map<number, Row>> {
  const found = new Map([...series].filter(([seriesId]) => !isKnown(seriesId)));
  if (found.size === 0) return found;
  const stored = await connection.runAndReadAll(
    `SELECT series_id FROM ${METRIC_SERIES.name}
     WHERE series_id IN (SELECT unnest(from_json($1, '["BIGINT"]')))`,
    [JSON.stringify([...found.keys()])],
  );
  for (const [seriesId] of stored.getRows()) found.delete(Number(seriesId));
  return found;
}
