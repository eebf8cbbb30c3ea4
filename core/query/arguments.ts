import * as z from 'zod';
import { CORRELATION_KEYS } from '../signals/tracing.ts';

// These are functions: see docs/decisions/036.

/** Text that says something. */
export const text = () => z.string().min(1);

/** A value that two records can have in common. */
export const scalar = () => z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Times compare as the Dates that records show: in milliseconds. */
export const timeRange = () =>
  z.strictObject({
    start: z.date().optional(),
    end: z.date().optional(),
    /** Default: false; `start` itself is included. */
    startExclusive: z.boolean().optional(),
    /** Default: false; `end` itself is included. */
    endExclusive: z.boolean().optional(),
  });

/** A page by its number, or the one that follows a `nextCursor`; the cursor stays right while records are added. */
export const pagination = () =>
  z
    .strictObject({
      page: z.int().min(0).default(0),
      perPage: z.int().min(1).max(1000).default(10),
      /** The `nextCursor` of the page before. */
      after: text().optional(),
    })
    .refine(({ page, after }) => after === undefined || page === 0, 'give either a page or a cursor');

export const direction = () => z.enum(['ASC', 'DESC']).default('DESC');

/** A part of a text, in upper or lower case; no pattern. */
export const search = () => text().max(1_000);

/** Who and what a record belongs to: each must be equal. */
export function correlationFilters() {
  const value = text().optional();
  return Object.fromEntries(CORRELATION_KEYS.map((key) => [key, value])) as Record<
    (typeof CORRELATION_KEYS)[number],
    typeof value
  >;
}

/** Where a page lies in the whole list. */
export interface PageInfo {
  /** Exact. */
  total: number;
  page: number;
  perPage: number;
  hasMore: boolean;
  /** What `pagination.after` takes to go on behind this page; absent behind the last. */
  nextCursor?: string;
}

/** What any query can be given beside its arguments. */
export interface QueryOptions {
  /** Ends the query; it rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds that the query may take; default 30,000. Then it rejects with `OBS_STORE_TIMEOUT`. */
  timeoutMs?: number;
}
