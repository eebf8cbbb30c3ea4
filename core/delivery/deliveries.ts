import { join } from 'node:path';
import type { Send } from '../contract/send.ts';
import type { LastEvents } from '../contract/store.ts';
import type { DiagnosticsBook } from '../diagnostics/diagnostics-book.ts';
import type { Signal } from '../signals/index.ts';
import type { SpoolFiles } from '../spool/files.ts';
import { SpoolHome } from '../spool/home.ts';
import { type DeliveryCounts, Tally } from './counts.ts';
import type { DeadLetters } from './dead-letters.ts';
import { Delivery } from './delivery.ts';
import { fileNameOf } from './file-name.ts';
import type { Heir } from './heir.ts';
import { type Level, weakest } from './level.ts';
import type { ResolvedDelivery } from './options.ts';
import type { DeliveryParts, DeliveryPlan } from './parts.ts';
import type { ByteBudget } from './queue.ts';
import { SpooledDelivery } from './spooled-delivery.ts';

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
  /** How many deliveries of the same signal the entry has before this one. */
  nth?: number;
}

/** A delivery with or without a spool. */
export type AnyDelivery<E extends object> = Delivery<E> | SpooledDelivery<E>;

/** What all deliveries of a host share. */
export interface DeliveriesParts {
  book: DiagnosticsBook;
  deadLetters: DeadLetters;
  budget: ByteBudget;
  newBatchId: () => string;
  random: () => number;
  /** Spools lie in `spool` of that directory. */
  dataDir: string;
  files: SpoolFiles;
  /** Called after every change of a count; for tests. */
  onCounts?: ((counts: DeliveryCounts) => void) | undefined;
}

interface Listed {
  key: string;
  signal: Signal | undefined;
  delivery: AnyDelivery<never>;
}

/** What a flush of all deliveries came to. */
export interface Settled {
  /** Nothing that was accepted before lies in memory only. */
  isComplete: boolean;
  /** The weakest among the deliveries that took events; `memory` for one that could not write all of its own. */
  level: Level;
}

/** All deliveries of a host: one per plugin entry and signal, each on its own. */
export class Deliveries {
  readonly #parts: DeliveriesParts;
  readonly #homes = new Map<string, SpoolHome>();
  #listed: Listed[] = [];
  #isClosed = false;

  constructor(parts: DeliveriesParts) {
    this.#parts = parts;
  }

  /** Sets up a delivery; it holds what it accepts until {@link open}. After {@link close} it accepts nothing. */
  add<E extends object>(request: DeliveryRequest<E>): AnyDelivery<E> {
    const { key, signal } = request;
    const delivery = this.#make(request);
    this.#parts.book.track(key, signal, delivery);
    this.#listed.push({ key, signal, delivery: delivery as unknown as Delivery<never> });
    if (this.#isClosed) void delivery.close(0);
    return delivery;
  }

  #make<E extends object>({ key, signal, nth, ...request }: DeliveryRequest<E>): AnyDelivery<E> {
    const { book, deadLetters, files, onCounts, budget, newBatchId, random } = this.#parts;
    const parts: DeliveryParts<E> & { counts: Tally } = {
      budget,
      newBatchId,
      random,
      ...request,
      counts: new Tally(onCounts),
      onFailure: (error, outcome, count) => book.sendFailed(key, signal, error, outcome, count),
      onRefused: (refusals) => void (signal && deadLetters.add(key, signal, refusals)),
      onSuccess: () => book.sendSucceeded(key, signal),
    };
    if (!signal || request.options.durability === 'memory') return new Delivery<E>(parts);
    return new SpooledDelivery<E>({
      ...parts,
      files,
      home: this.#homeOf(key),
      name: nth ? `${signal}.${nth + 1}` : signal,
      onSpoolFailed: (error) => book.spoolFailed(key, signal, error),
      onSpoolHealed: () => book.spoolHealed(key, signal),
    });
  }

  #homeOf(key: string): SpoolHome {
    const root = join(this.#parts.dataDir, 'spool');
    const name = fileNameOf(key);
    const path = join(root, name);
    const home = this.#homes.get(path) ?? new SpoolHome(root, name, this.#parts.files);
    this.#homes.set(path, home);
    return home;
  }

  /** Flushes and closes a delivery, and keeps nothing of it but its counts. What is left by then is the `heir`'s. */
  async remove<E extends object>(
    delivery: AnyDelivery<E>,
    deadlineMs: number,
    heir?: Heir<E>,
  ): Promise<void> {
    await delivery.close(deadlineMs, heir);
    this.#listed = this.#listed.filter((listed) => (listed.delivery as unknown) !== delivery);
    this.#parts.book.forget(delivery.counts);
  }

  /** True when every queue of the signal has room for an event of this size. */
  isCalmFor(signal: Signal, bytes: number): boolean {
    return this.#listed.every((listed) => isOther(listed, signal) || listed.delivery.isCalmFor(bytes));
  }

  /** Waits, queue by queue, until each had room for an event of this size; others may have taken it meanwhile. */
  async room(signal: Signal, bytes: number): Promise<void> {
    for (const listed of this.#listed) if (!isOther(listed, signal)) await listed.delivery.room(bytes);
  }

  /** Events in memory only, and events in spools, of all plugins together. */
  get left(): { pending: number; spooled: number } {
    const all = this.#listed.map(({ delivery }) => delivery.counts);
    return {
      pending: all.reduce((sum, { queued, inFlight }) => sum + queued + inFlight, 0),
      spooled: all.reduce((sum, { spooled }) => sum + spooled, 0),
    };
  }

  /**
   * Hands everything that the deliveries of an entry have accepted, it has not got and no spool holds to `write`, signal
   * by signal, when the process ends; counted as delivered when that gives true.
   */
  writeLeft(deliveries: readonly AnyDelivery<never>[], write: (left: LastEvents) => boolean): void {
    const own = this.#listed.flatMap(({ signal, delivery }) =>
      deliveries.includes(delivery) && delivery instanceof Delivery ? [{ signal, delivery }] : [],
    );
    const left = own.map(({ signal, delivery }) => [signal, delivery.takeLeft()] as const);
    if (left.every(([, events]) => events.length === 0)) return;
    const isWritten = write(Object.fromEntries(left));
    for (const { delivery } of own) delivery.settleLeft(isWritten ? 'delivered' : 'lost');
  }

  /**
   * Writes what is left to the spools, and counts the rest as lost with the process. Gives for each entry how much that
   * was, if anything.
   */
  giveUpLeft(): Map<string, number> {
    const lost = new Map<string, number>();
    for (const { key, signal, delivery } of this.#listed) {
      if (delivery instanceof SpooledDelivery) delivery.writeLeft();
      else {
        delivery.takeLeft();
        delivery.settleLeft('lost');
      }
      const count = (lost.get(key) ?? 0) + (delivery.counts.dropped.process_exit ?? 0);
      if (signal && count > 0) lost.set(key, count);
    }
    return lost;
  }

  /** Delivers everything accepted before the call, or with `stored` only what is in no spool. */
  async flush(deadlineMs: number, until: 'stored' | 'delivered'): Promise<Settled> {
    return this.#all(deadlineMs, ({ delivery }) => delivery.flush(deadlineMs, until));
  }

  /** Flushes and closes all deliveries. What is in a spool stays there. */
  async close(deadlineMs: number): Promise<Settled> {
    this.#isClosed = true;
    return this.#all(deadlineMs, ({ delivery }) => delivery.close(deadlineMs));
  }

  /** Waits for all, and then for the dead letters that came of it. */
  async #all(deadlineMs: number, settle: (listed: Listed) => Promise<boolean>): Promise<Settled> {
    const endsAt = performance.now() + deadlineMs;
    const settled = await Promise.all(
      this.#listed.map(async (listed) => ({ ...listed, isComplete: await settle(listed) })),
    );
    await this.#parts.deadLetters.flush(Math.max(0, endsAt - performance.now()));
    const used = settled.filter(({ delivery }) => delivery.counts.accepted > 0);
    const levels = (used.length > 0 ? used : settled).map(({ delivery, isComplete }) =>
      delivery instanceof SpooledDelivery && isComplete ? delivery.level : 'memory',
    );
    return { isComplete: settled.every(({ isComplete }) => isComplete), level: weakest(levels) };
  }
}

function isOther(listed: Listed, signal: Signal): boolean {
  return listed.signal !== undefined && listed.signal !== signal;
}
