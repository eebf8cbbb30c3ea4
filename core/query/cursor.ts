import { ObsError } from '../errors.ts';
import type { PageInfo } from './arguments.ts';

/** The page that a query asks for. */
export interface PageRequest {
  page: number;
  perPage: number;
  /** The cursor behind which it begins. */
  after?: string | undefined;
}

/** The order of a list: by a time, then by an id in the same direction; what has no time comes last. */
export interface ListOrder {
  field: string;
  direction: 'ASC' | 'DESC';
}

/** Where a record is in an order: its time in microseconds, and its id. */
export type Place = readonly [time: number | null, id: string];

/** Where a page lies in the whole; with a cursor to what follows there is more. */
export function pageInfo(
  { page, perPage, after }: PageRequest,
  total: number,
  nextCursor: string | undefined = undefined,
): PageInfo {
  const hasMore = nextCursor !== undefined || (after === undefined && (page + 1) * perPage < total);
  return { total, page, perPage, hasMore, ...(nextCursor !== undefined && { nextCursor }) };
}

/** The cursor of a place; it holds for its order only. */
export function cursorOf([time, id]: Place, { field, direction }: ListOrder): string {
  return Buffer.from(JSON.stringify([time, id, field, direction])).toString('base64url');
}

/** The place of a cursor. @throws ObsError `OBS_STORE_QUERY` for one of another order, or that is none. */
export function placeOf(cursor: string, { field, direction }: ListOrder): Place {
  const parts = parsed(cursor);
  const [time, id] = parts;
  const isTime = time === null || Number.isSafeInteger(time);
  if (parts.length !== 4 || !isTime || typeof id !== 'string') {
    throw new ObsError('OBS_STORE_QUERY', `pagination.after: ${cursor.slice(0, 80)} is not a cursor`);
  }
  if (parts[2] !== field || parts[3] !== direction) {
    const order = `${String(parts[2])} ${String(parts[3])}`;
    throw new ObsError(
      'OBS_STORE_QUERY',
      `pagination.after: a cursor of ${order}, not ${field} ${direction}`,
    );
  }
  return [time as number | null, id];
}

function parsed(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
