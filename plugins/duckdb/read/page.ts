import type { PageInfo } from '../../../core/index.ts';

/** The page that a query asks for. */
export interface PageRequest {
  page: number;
  perPage: number;
}

/** LIMIT and OFFSET of a page. Both are integers, checked by the query's schema. */
export function limitSql({ page, perPage }: PageRequest): string {
  return `LIMIT ${BigInt(perPage)} OFFSET ${BigInt(page) * BigInt(perPage)}`;
}

/** Where a page lies in the whole. */
export function pageInfo({ page, perPage }: PageRequest, total: number): PageInfo {
  return { total, page, perPage, hasMore: (page + 1) * perPage < total };
}
