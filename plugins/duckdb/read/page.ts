import { type ListOrder, type PageRequest, placeOf } from '../../../core/index.ts';
import type { Where } from './where.ts';

/** The columns of an order. */
export interface OrderColumns {
  time: string;
  id: string;
  /** True for a time that records may lack. */
  isOptional?: boolean;
}

/** LIMIT and OFFSET of a page and the one record behind it, which tells whether there is more; all are integers. */
export function lookAheadSql({ page, perPage }: PageRequest): string {
  return `LIMIT ${BigInt(perPage) + 1n} OFFSET ${BigInt(page) * BigInt(perPage)}`;
}

/** Leaves out what comes up to the place of a cursor, if there is one. */
export function startAfter(
  where: Where,
  columns: OrderColumns,
  cursor: string | undefined,
  order: ListOrder,
) {
  if (cursor === undefined) return where;
  const [micro, id] = placeOf(cursor, order);
  const sign = order.direction === 'ASC' ? '>' : '<';
  const isBehindId = `${columns.id} ${sign} ${where.bind(id)}`;
  if (micro === null) return where.add(`${columns.time} IS NULL`).add(isBehindId);
  const time = `make_timestamp(CAST(${where.bind(BigInt(micro))} AS BIGINT))`;
  // The first comparison, redundant for the result, lets DuckDB leave out blocks of rows.
  const isBehind = `${columns.time} ${sign}= ${time} AND (${columns.time} ${sign} ${time} OR ${isBehindId})`;
  return where.add(columns.isOptional ? `(${columns.time} IS NULL OR (${isBehind}))` : isBehind);
}
