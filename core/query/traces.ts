import * as z from 'zod';
import type { ExportedSpan } from '../signals/tracing.ts';
import {
  correlationFilters,
  direction,
  type PageInfo,
  pagination,
  scalar,
  search,
  text,
  timeRange,
} from './arguments.ts';

/** All spans of one trace, by start time. */
export interface Trace {
  traceId: string;
  spans: ExportedSpan[];
}

/** A trace in a list: its entry span, and what the list shows about the rest of it. */
export interface TraceSummary extends ExportedSpan {
  /** True when any other span of the trace has status `error`. */
  hasChildError: boolean;
  spanCount: number;
  errorCount: number;
  /** Spans that have started and not ended. */
  runningCount: number;
  /** Sums over the model calls of the trace (outermost spans with usage); absent when none reported any. */
  inputTokens?: number;
  outputTokens?: number;
  /** In the currency reported, normally USD. */
  cost?: number;
}

export interface TracePage {
  spans: TraceSummary[];
  pagination: PageInfo;
}

/**
 * What a waterfall needs of a trace, column by column and without payloads: the n-th values of all columns belong to
 * one span. Spans are in the order of {@link Trace}.
 */
export interface TraceStructure {
  traceId: string;
  /** The earliest start, microseconds since the Unix epoch. */
  startUnixMicro: number;
  /** Values that many spans share; the columns `name`, `type` and `status` hold positions in these. */
  names: string[];
  types: string[];
  statuses: string[];
  spanId: string[];
  /** Position of the parent; null for a span without one in this trace. */
  parent: (number | null)[];
  name: number[];
  type: number[];
  /** Null where a span says nothing of its status. */
  status: (number | null)[];
  /** Microseconds after `startUnixMicro`. */
  start: number[];
  /** Microseconds; null for a span that runs. */
  duration: (number | null)[];
}

/** A conversation: the traces that have one `threadId`. */
export interface ThreadSummary {
  threadId: string;
  /** Of its newest trace. */
  userId?: string;
  resourceId?: string;
  /** Its traces. */
  turns: number;
  spanCount: number;
  errorCount: number;
  runningCount: number;
  inputTokens?: number;
  outputTokens?: number;
  cost?: number;
  firstAt: Date;
  /** The start of its newest trace. */
  lastAt: Date;
}

export interface ThreadPage {
  threads: ThreadSummary[];
  pagination: PageInfo;
}

const traceFilters = () =>
  z.strictObject({
    ...correlationFilters(),
    traceId: text().optional(),
    /** The beginning of the trace id. */
    traceIdPrefix: text().optional(),
    startedAt: timeRange().optional(),
    endedAt: timeRange().optional(),
    type: text().optional(),
    name: text().optional(),
    status: z.enum(['running', 'ok', 'error']).optional(),
    /** All of these tags. */
    tags: z.array(text()).optional(),
    /** Top-level metadata entries that must be equal. */
    metadata: z.record(z.string(), scalar()).optional(),
    /** True: only traces in which a span other than the entry span failed. False: only the others. */
    hasChildError: z.boolean().optional(),
    /** Text in the name, input, output, attributes, metadata or error of any span of the trace. */
    search: search().optional(),
  });

const threadFilters = () =>
  z.strictObject({
    threadId: text().optional(),
    userId: text().optional(),
    resourceId: text().optional(),
    environment: text().optional(),
    serviceName: text().optional(),
    /** When a trace of the thread started. */
    startedAt: timeRange().optional(),
  });

/** The arguments of the queries about spans, traces and threads. */
export const TRACE_QUERIES = {
  getSpan: () => z.strictObject({ traceId: text(), spanId: text() }),
  getSpans: () => z.strictObject({ traceId: text(), spanIds: z.array(text()).max(1_000) }),
  getRootSpan: () => z.strictObject({ traceId: text() }),
  getTrace: () => z.strictObject({ traceId: text() }),
  getStructure: () => z.strictObject({ traceId: text() }),
  /** A span and all below it, or down to `depth` levels below it. */
  getBranch: () => z.strictObject({ traceId: text(), spanId: text(), depth: z.int().min(0).optional() }),
  /** Filters are about the entry span of a trace, apart from `hasChildError` and `search`. */
  listTraces: () =>
    z.strictObject({
      filters: traceFilters().optional(),
      pagination: pagination().prefault({}),
      orderBy: z
        .strictObject({
          field: z.enum(['startedAt', 'endedAt']).default('startedAt'),
          direction: direction(),
        })
        .prefault({}),
    }),
  listThreads: () =>
    z.strictObject({
      filters: threadFilters().optional(),
      pagination: pagination().prefault({}),
      orderBy: z
        .strictObject({ field: z.literal('lastAt').default('lastAt'), direction: direction() })
        .prefault({}),
    }),
  batchDeleteTraces: () => z.strictObject({ traceIds: z.array(text()).max(1_000) }),
} as const;
