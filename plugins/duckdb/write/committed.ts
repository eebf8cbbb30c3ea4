import type { Signal } from '../../../core/index.ts';

/** A span that was written. */
export interface CommittedSpan {
  traceId: string;
  spanId: string;
  /** Both ids in one text, different for different spans. */
  key: string;
  hasParent: boolean;
  /** What the span itself says: `isRootSpan`. */
  isRoot: boolean;
  /** False for changes that wait for their span; they are in no list. */
  isWhole: boolean;
  /** True when no list had this span before. */
  isNew: boolean;
}

/** What one transaction changed, told after its commit. */
export interface Committed {
  spans: readonly CommittedSpan[];
  /** New events of the other signals, by id. */
  events: readonly { signal: Exclude<Signal, 'tracing'>; id: string }[];
  /** Traces that were deleted; `all`: any of them may be. */
  deleted: readonly string[] | 'all';
}

/** Told of the spans that a transaction writes, before its commit; that may fail still. */
export type OnCommitting = (spans: readonly CommittedSpan[]) => void;

/** Told of every commit, in order. */
export type OnCommitted = (committed: Committed) => void;
