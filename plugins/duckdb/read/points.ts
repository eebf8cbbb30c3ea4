import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { type GroupKey, ObsError } from '../../../core/index.ts';
import { dateOf } from './date-of.ts';
import { groupKey } from './group-key.ts';
import type { Measured } from './measured.ts';
import { rowsOf } from './rows-of.ts';

/** More would be more than anyone can look at, and than a thread should hand over at once. */
const MAX_POINTS = 100_000;

const UNIT_MICROS = { s: 1_000_000n, m: 60_000_000n, h: 3_600_000_000n, d: 86_400_000_000n } as const;

/** What the points of a query are. */
interface PointQuery {
  /** Such as `5m`; without it all is one point at the time of the oldest record. */
  interval: string | undefined;
  /** Groups, those with most records first. */
  limit: number;
  /** An aggregate: what a point shows. */
  value: string;
}

/** A point: when its interval begins, its value, its number of records. */
export interface Point {
  time: Date;
  value: DuckDBValue;
  count: number;
}

/** The points of a group by time. */
export interface Points {
  key: GroupKey;
  points: Point[];
}

/**
 * The points of every group, the group with most records first.
 * @throws ObsError `OBS_STORE_QUERY` for more points than can be shown.
 */
export async function readPoints(
  connection: DuckDBConnection,
  records: Measured,
  query: PointQuery,
): Promise<Points[]> {
  const rows = await rowsOf(connection, pointsSql(records, query), records.where.values);
  if (rows.length <= MAX_POINTS) return pointsOf(rows, records.by);
  throw new ObsError(
    'OBS_STORE_QUERY',
    `interval: more than ${MAX_POINTS} points; take a longer interval, a shorter time or fewer groups`,
  );
}

function pointsSql({ sql, where, columns }: Measured, { interval, limit, value }: PointQuery): string {
  const keys = columns.map((column) => `, ${column}`).join('');
  const partition = columns.length > 0 ? `PARTITION BY ${columns.join(', ')}` : '';
  const begin = interval === undefined ? undefined : beginSql(where.bind(microsOf(interval)));
  const groups = [...(begin ? [begin] : []), ...columns].join(', ') || 'ALL';
  return `
    WITH points AS (
      SELECT ${begin ?? 'min(time)'} AS begin, ${value} AS value, count(*) AS count${keys}
      FROM (${sql}) GROUP BY ${groups}
    ),
    sums AS (SELECT *, sum(count) OVER (${partition}) AS records, min(begin) OVER () AS oldest FROM points),
    ranked AS (SELECT *, dense_rank() OVER (ORDER BY records DESC${keys}) AS rank FROM sums)
    SELECT rank, ${begin ? 'begin' : 'oldest'}, value, count${keys}
    FROM ranked WHERE rank <= ${BigInt(limit)} AND count > 0
    ORDER BY rank, begin LIMIT ${MAX_POINTS + 1}`;
}

/** When the interval of a time begins. */
function beginSql(micros: string): string {
  return `time_bucket(to_microseconds(CAST(${micros} AS BIGINT)), time, TIMESTAMP 'epoch')`;
}

function microsOf(interval: string): bigint {
  return BigInt(interval.slice(0, -1)) * UNIT_MICROS[interval.at(-1) as keyof typeof UNIT_MICROS];
}

function pointsOf(rows: readonly DuckDBValue[][], by: readonly string[]): Points[] {
  const found = new Map<DuckDBValue, Points>();
  for (const [rank, time, value, count, ...values] of rows) {
    const group = found.get(rank!) ?? { key: groupKey(by, values), points: [] };
    found.set(rank!, group);
    group.points.push({ time: dateOf(time!), value: value!, count: Number(count) });
  }
  return [...found.values()];
}
