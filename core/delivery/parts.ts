import type { Refusal } from './attempt.ts';
import type { DropReason, Setback, Tally, Whereabouts } from './counts.ts';
import type { ByteBudget } from './queue.ts';
import type { SenderParts } from './sender.ts';

/** What a destination can do that others cannot; the host knows it, nobody configures it. */
export interface DeliveryPlan {
  /** Sends that may be under way at once, begun in order. Default 1. */
  maxInFlight?: number;
  /** Milliseconds for which the start of a span waits for its end. Default 0: not at all. */
  holdMs?: number;
}

/** What a delivery needs. */
export interface DeliveryParts<E extends object> extends Omit<SenderParts<E>, 'circuit' | 'onSetback'> {
  plan?: DeliveryPlan | undefined;
  budget: ByteBudget;
  /** Shared with what comes behind; default: its own. */
  counts?: Tally;
  /** Where events are that the last send took. Default: delivered. */
  landing?: () => Whereabouts;
  /** Some landed, and are counted. */
  onLanded?: () => void;
  /** Told of every failed send and every drop, to count and to warn. */
  onFailure: (error: unknown, outcome: Setback | DropReason, count: number) => void;
  /** Told of the events that the destination refused, after they were counted. Must not throw. */
  onRefused: (refusals: readonly Refusal<E>[]) => void;
  onSuccess: () => void;
}
