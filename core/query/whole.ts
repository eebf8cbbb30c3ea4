import * as z from 'zod';
import type { FeedbackEvent } from '../signals/feedback.ts';
import type { Signal } from '../signals/index.ts';
import type { LogEvent } from '../signals/logs.ts';
import type { ScoreEvent } from '../signals/scores.ts';
import { text } from './arguments.ts';
import type { TraceSummary } from './traces.ts';

/** How much is stored of a signal; of tracing the records are spans. */
export interface SignalStats {
  signal: Signal;
  records: number;
  oldest?: Date;
  newest?: Date;
}

/** What is stored. */
export interface StoreStats {
  signals: SignalStats[];
  traces: number;
  /** Bytes on disk, 0 in memory. */
  bytes: number;
}

/** What was stored since a cursor, in the order in which it was. */
export interface Changes {
  /** What to give next time. */
  cursor: string;
  /** True when there may have been more than the store remembers: look again at the lists. */
  hasGap: boolean;
  /** Traces with new or changed spans, as they are now. */
  traces: TraceSummary[];
  logs: LogEvent[];
  scores: ScoreEvent[];
  feedback: FeedbackEvent[];
}

/** The answer to a question in SQL. Times are Dates; whole numbers beyond 2^53 are text. */
export interface SqlResult {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  /** True when there are more rows than `maxRows`. */
  isCut: boolean;
}

/** The arguments of the queries about everything that is stored. */
export const WHOLE_QUERIES = {
  getStats: () => z.strictObject({}),
  /** Without a cursor: nothing but the cursor of now. */
  getChanges: () =>
    z.strictObject({
      cursor: text().optional(),
      limit: z.int().min(1).max(1_000).default(200),
    }),
  /** One SELECT; it sees the tables of the store and nothing else. */
  runSql: () =>
    z.strictObject({
      sql: text(),
      maxRows: z.int().min(1).max(100_000).default(1_000),
    }),
} as const;
