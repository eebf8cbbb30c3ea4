import {
  cursorOf,
  type ListOrder,
  type PageInfo,
  type PageRequest,
  type Place,
  pageInfo,
  placeOf,
} from '../../../core/index.ts';

/** The part of a list that a query asks for: put in order by time and id, and cut out. */
export function pageOf<R>(
  found: readonly R[],
  placeIn: (record: R) => Place,
  request: PageRequest,
  order: ListOrder,
): { records: R[]; pagination: PageInfo } {
  const { page, perPage, after } = request;
  const sorted = [...found].sort((a, b) => compare(placeIn(a), placeIn(b), order));
  const cursor = after === undefined ? undefined : placeOf(after, order);
  const left = cursor ? sorted.filter((record) => compare(placeIn(record), cursor, order) > 0) : sorted;
  const records = left.slice(page * perPage, (page + 1) * perPage);
  const last = left.length > (page + 1) * perPage ? records.at(-1) : undefined;
  const next = last && cursorOf(placeIn(last), order);
  return { records, pagination: pageInfo(request, found.length, next) };
}

/** What has no time comes last in either direction. */
function compare([time, id]: Place, [otherTime, otherId]: Place, { direction }: ListOrder): number {
  const sign = direction === 'ASC' ? 1 : -1;
  if (time !== otherTime) {
    if (time === null || otherTime === null) return time === null ? 1 : -1;
    return sign * (time - otherTime);
  }
  return id === otherId ? 0 : sign * (id < otherId ? -1 : 1);
}
