import type { DiagnosticsBook } from '../diagnostics.ts';
import type { Send } from '../plugin.ts';
import type { Signal } from '../signals/index.ts';
import { Delivery } from './delivery.ts';
import type { ResolvedDelivery } from './options.ts';
import type { ByteBudget } from './queue.ts';

/** A delivery to set up. */
export interface DeliveryRequest<E extends object> {
  /** The plugin entry, or the name of a subscriber. */
  key: string;
  /** Undefined for a subscriber to all signals. */
  signal?: Signal;
  send: Send<E>;
  options: ResolvedDelivery;
  isRedeliverySafe: boolean;
}

/** What all deliveries of a host share. */
export interface DeliveriesParts {
  book: DiagnosticsBook;
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
  #listed: Listed[] = [];

  constructor(parts: DeliveriesParts) {
    this.#parts = parts;
  }

  /** Sets up a delivery; it holds what it accepts until {@link open}. */
  add<E extends object>({ key, signal, ...request }: DeliveryRequest<E>): Delivery<E> {
    const { book, ...shared } = this.#parts;
    const delivery = new Delivery<E>({
      ...shared,
      ...request,
      onFailure: (error, outcome, count) => book.sendFailed(key, signal, error, outcome, count),
      onSuccess: () => book.sendSucceeded(key, signal),
    });
    book.track(key, signal, delivery.counts);
    this.#listed.push({ key, signal, delivery: delivery as unknown as Delivery<never> });
    return delivery;
  }

  /** The plugin is ready: its events are sent from now on. */
  open(key: string): void {
    for (const listed of this.#listed) if (listed.key === key) listed.delivery.open();
  }

  /** Resolves once every queue of the signal has room for a source to go on. */
  async room(signal: Signal): Promise<void> {
    for (const { signal: own, delivery } of this.#listed) {
      if ((own === signal || own === undefined) && !delivery.isCalm) await delivery.room();
    }
  }

  /** Events queued or in flight, of all plugins together. */
  pending(): number {
    return this.#listed.reduce((sum, { delivery: { counts } }) => sum + counts.queued + counts.inFlight, 0);
  }

  /** True when everything accepted before the call was settled within the deadline. */
  async flush(deadlineMs: number): Promise<boolean> {
    return (await Promise.all(this.#listed.map(({ delivery }) => delivery.flush(deadlineMs)))).every(Boolean);
  }

  /** Flushes and closes the deliveries of one key, or of all. */
  async close(deadlineMs: number, key?: string): Promise<boolean> {
    const closing = this.#listed.filter((listed) => key === undefined || listed.key === key);
    return (await Promise.all(closing.map(({ delivery }) => delivery.close(deadlineMs)))).every(Boolean);
  }
}
