/** Why delivery gave an event up. */
export type DropReason =
  | 'queue_full'
  | 'memory_full'
  | 'spool_full'
  | 'corrupt'
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
  /** In the spool, whether they wait there or are being sent. */
  spooled: number;
  queued: number;
  /** Being sent, or being written to the spool; those that lie there already do not count here. */
  inFlight: number;
}

/** Where an event that was accepted may be. */
export type Whereabouts = 'delivered' | 'spooled' | 'queued' | 'inFlight';

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

/** Keeps the counts: every change is a whole one. */
export class Tally implements DeliveryCounts {
  accepted = 0;
  delivered = 0;
  dropped: DeliveryCounts['dropped'] = {};
  spooled = 0;
  queued = 0;
  inFlight = 0;
  readonly #onChange: ((counts: DeliveryCounts) => void) | undefined;

  /** @param onChange called after every change; for tests. */
  constructor(onChange?: (counts: DeliveryCounts) => void) {
    this.#onChange = onChange;
  }

  /** Accepts events. */
  enter(where: Whereabouts, count: number): void {
    this.accepted += count;
    this[where] += count;
    this.#onChange?.(this);
  }

  move(count: number, from: Whereabouts, to: Whereabouts): void {
    this[from] -= count;
    this[to] += count;
    this.#onChange?.(this);
  }

  drop(count: number, from: Whereabouts, reason: DropReason): void {
    if (count === 0) return;
    this[from] -= count;
    this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
    this.#onChange?.(this);
  }

  /** Gives events to another delivery, which accepts them: as if they had never been accepted here. */
  handOn(count: number, from: Whereabouts): void {
    this.accepted -= count;
    this[from] -= count;
    this.#onChange?.(this);
  }
}
