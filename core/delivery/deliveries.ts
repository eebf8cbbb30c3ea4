import type { DiagnosticsBook } from '../diagnostics.ts';
import type { Send } from '../plugin.ts';
import type { Signal } from '../signals/index.ts';
import type { LastEvents } from '../store.ts';
import type { DeadLetters } from './dead-letters.ts';
import { Delivery } from './delivery.ts';
import type { ResolvedDelivery } from './options.ts';
import type { DeliveryPlan } from './parts.ts';
import type { ByteBudget } from './queue.ts';
import { Turns } from './turns.ts';

/** A delivery to set up. */
export interface DeliveryRequest<E extends object> {
  /** The plugin entry, or the name of a subscriber. */
  key: string;
  /** Undefined for a subscriber to all signals. */
  signal?: Signal;
  send: Send<E>;
  options: ResolvedDelivery;
  plan?: DeliveryPlan | undefined;
  isRedeliverySafe: boolean;
}

/** What all deliveries of a host share. */
export interface DeliveriesParts {
  book: DiagnosticsBook;
  deadLetters: DeadLetters;
  budget: ByteBudget;
  newBatchId: () => string;
  random: () => number;
}

interface Listed {
  key: string;
  signal: Signal | undefined;
  delivery: Delivery<never>;
}

/** All deliveries of a host: one per plugin entry and signal, each on its own. */
export class Deliveries {
  readonly #parts: DeliveriesParts;
  readonly #turns = new Turns();
  #listed: Listed[] = [];
  #isClosed = false;

  constructor(parts: DeliveriesParts) {
    this.#parts = parts;
  }

  /** Sets up a delivery; it holds what it accepts until {@link open}. After {@link close} it accepts nothing. */
  add<E extends object>({ key, signal, ...request }: DeliveryRequest<E>): Delivery<E> {
    const { book, deadLetters, ...shared } = this.#parts;
    const delivery = new Delivery<E>({
      ...shared,
      ...request,
      turns: this.#turns,
      onFailure: (error, outcome, count) => book.sendFailed(key, signal, error, outcome, count),
      onRefused: (refusals) => void (signal && deadLetters.add(key, signal, refusals)),
      onSuccess: () => book.sendSucceeded(key, signal),
    });
    book.track(key, signal, delivery);
    this.#listed.push({ key, signal, delivery: delivery as unknown as Delivery<never> });
    if (this.#isClosed) void delivery.close(0);
    return delivery;
  }

  /** Flushes and closes the delivery of a subscriber, and forgets it. */
  async remove<E extends object>(delivery: Delivery<E>, deadlineMs: number): Promise<void> {
    await delivery.close(deadlineMs);
    this.#listed = this.#listed.filter((listed) => (listed.delivery as unknown) !== delivery);
    this.#parts.book.forget(delivery.counts);
  }

  /** The plugin is ready: its events are sent from now on. */
  open(key: string): void {
    for (const listed of this.#listed) if (listed.key === key) listed.delivery.open();
  }

  /** True when every queue of the signal has room for an event of this size. */
  isCalmFor(signal: Signal, bytes: number): boolean {
    return this.#listed.every((listed) => isOther(listed, signal) || listed.delivery.isCalmFor(bytes));
  }

  /** Waits, queue by queue, until each had room for an event of this size; others may have taken it meanwhile. */
  async room(signal: Signal, bytes: number): Promise<void> {
    for (const listed of this.#listed) if (!isOther(listed, signal)) await listed.delivery.room(bytes);
  }

  /** Events queued or in flight, of all plugins together. */
  pending(): number {
    return this.#listed.reduce((sum, { delivery: { counts } }) => sum + counts.queued + counts.inFlight, 0);
  }

  /**
   * Hands everything that an entry has accepted and not got to `write`, signal by signal, when the process ends;
   * counted as delivered when that gives true.
   */
  writeLeft(key: string, write: (left: LastEvents) => boolean): void {
    const own = this.#listed.filter((listed) => listed.key === key && listed.signal !== undefined);
    const left = own.map(({ signal, delivery }) => [signal, delivery.takeLeft()] as const);
    if (left.every(([, events]) => events.length === 0)) return;
    const isWritten = write(Object.fromEntries(left));
    for (const { delivery } of own) delivery.settleLeft(isWritten);
  }

  /** Counts everything that is left as lost with the process. Gives for each entry how much that was, if anything. */
  giveUpLeft(): Map<string, number> {
    const lost = new Map<string, number>();
    for (const { key, signal, delivery } of this.#listed) {
      delivery.takeLeft();
      delivery.settleLeft(false);
      const count = (lost.get(key) ?? 0) + (delivery.counts.dropped.process_exit ?? 0);
      if (signal && count > 0) lost.set(key, count);
    }
    return lost;
  }

  /** True when everything accepted before the call was settled within the deadline. */
  async flush(deadlineMs: number): Promise<boolean> {
    return this.#all(deadlineMs, ({ delivery }) => delivery.flush(deadlineMs));
  }

  /** Flushes and closes all deliveries. True when everything accepted before was settled within the deadline. */
  async close(deadlineMs: number): Promise<boolean> {
    this.#isClosed = true;
    return this.#all(deadlineMs, ({ delivery }) => delivery.close(deadlineMs));
  }

  /** Waits for all, and then for the dead letters that came of it. */
  async #all(deadlineMs: number, settle: (listed: Listed) => Promise<boolean>): Promise<boolean> {
    const endsAt = performance.now() + deadlineMs;
    const settled = await Promise.all(this.#listed.map(settle));
    await this.#parts.deadLetters.flush(Math.max(0, endsAt - performance.now()));
    return settled.every(Boolean);
  }
}

function isOther(listed: Listed, signal: Signal): boolean {
  return listed.signal !== undefined && listed.signal !== signal;
}
