/** Why delivery gave an event up. */
export type DropReason =
  | 'queue_full'
  | 'memory_full'
  | 'rejected'
  | 'ambiguous'
  | 'retry_exhausted'
  | 'shutdown'
  | 'process_exit';

/** How the same events will be tried again: soon, or with an open circuit, from time to time. */
export type Setback = 'retrying' | 'paused';

/**
 * What became of the events of one signal at one plugin. At every instant
 * `accepted = delivered + sum(dropped) + spooled + queued + inFlight`.
 */
export interface DeliveryCounts {
  accepted: number;
  delivered: number;
  dropped: Partial<Record<DropReason, number>>;
  /** Written to disk to survive an outage. */
  spooled: number;
  queued: number;
  inFlight: number;
}

/** Counts of nothing yet. */
export function noCounts(): DeliveryCounts {
  return { accepted: 0, delivered: 0, dropped: {}, spooled: 0, queued: 0, inFlight: 0 };
}

/** All dropped events, whatever the reason. */
export function droppedOf(counts: Pick<DeliveryCounts, 'dropped'>): number {
  return Object.values(counts.dropped).reduce((sum, n) => sum + n, 0);
}

/** Adds counts to others. */
export function addCounts(sum: DeliveryCounts, counts: DeliveryCounts): void {
  sum.accepted += counts.accepted;
  sum.delivered += counts.delivered;
  sum.spooled += counts.spooled;
  sum.queued += counts.queued;
  sum.inFlight += counts.inFlight;
  for (const [reason, count] of Object.entries(counts.dropped) as [DropReason, number][]) {
    sum.dropped[reason] = (sum.dropped[reason] ?? 0) + count;
  }
}
