import { printable } from '../core/index.ts';
import type { Filter } from './filters.ts';
import { count, counted } from './render/amounts.ts';

/** The options of a command that shows one page of a list. */
export interface PageOptions extends Record<string, unknown> {
  limit: number;
  /** From 1. */
  page: number;
  asc?: boolean;
  store?: string;
  json?: boolean;
}

/** The arguments of a query for the page that the options ask for. */
export function pageOf({ page, limit }: PageOptions): { page: number; perPage: number } {
  return { page: page - 1, perPage: limit };
}

/** The order that the options ask for: the newest first, or the oldest. */
export function directionOf({ asc }: PageOptions): 'ASC' | 'DESC' {
  return asc ? 'ASC' : 'DESC';
}

/** What stands below a page: `1-20 of 312 traces; more: --page 2`. */
export function totalLine(total: number, shown: number, noun: string, { page, limit }: PageOptions): string {
  const all = counted(total, noun);
  const first = (page - 1) * limit + 1;
  if (shown === 0) return `page ${page} is beyond the last of ${all}`;
  const last = first + shown - 1;
  return `${first}-${last} of ${all}${last < total ? `; more: --page ${page + 1}` : ''}`;
}

/** Why a list is empty: how much there is without filters, and the filter without which most would match. */
export async function nothingLine<F>(
  noun: string,
  filters: readonly Filter<F>[],
  countMatching: (filters: readonly Filter<F>[]) => Promise<number>,
): Promise<string> {
  const all = await countMatching([]);
  if (all === 0 || filters.length === 0) return `no ${counted(0, noun).slice(2)} are stored`;
  let best: { flag: string; total: number } | undefined;
  for (const { flag } of filters.length > 1 ? filters : []) {
    const total = await countMatching(filters.filter((filter) => filter.flag !== flag));
    if (total > (best?.total ?? 0)) best = { flag, total };
  }
  const without = best ? `; without ${printable(best.flag)}: ${count(best.total)}` : '';
  const asked = printable(filters.map(({ flag }) => flag).join(' '));
  return `0 of ${counted(all, noun)} match ${asked}${without}`;
}
