import { join } from 'node:path';
import type { DiagnosticsBook } from '../diagnostics.ts';
import type { Send } from '../plugin.ts';
import type { Signal } from '../signals/index.ts';
import type { SpoolFiles } from '../spool/files.ts';
import { SpoolHome } from '../spool/home.ts';
import type { LastEvents } from '../store.ts';
import { type DeliveryCounts, Tally } from './counts.ts';
import type { DeadLetters } from './dead-letters.ts';
import { Delivery } from './delivery.ts';
import { fileNameOf } from './file-name.ts';
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
}

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
  delivery: Delivery<never> | SpooledDelivery<never>;
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
  add<E extends object>(request: DeliveryRequest<E>): Delivery<E> | SpooledDelivery<E> {
    const { key, signal } = request;
    const delivery = this.#make(request);
    this.#parts.book.track(key, signal, delivery);
    this.#listed.push({ key, signal, delivery: delivery as unknown as Delivery<never> });
    if (this.#isClosed) void delivery.close(0);
    return delivery;
  }

  #make<E extends object>({ key, signal, ...request }: DeliveryRequest<E>): Delivery<E> | SpooledDelivery<E> {
    const { book, deadLetters, dataDir: _, files, onCounts, ...shared } = this.#parts;
    const parts: DeliveryParts<E> & { counts: Tally } = {
      ...shared,
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
      name: this.#spoolName(key, signal),
      onSpoolFailed: (error) => book.spoolFailed(key, signal, error),
      onSpoolHealed: () => book.spoolHealed(key, signal),
    });
  }

  #homeOf(key: string): SpoolHome {
    const { dataDir, files } = this.#parts;
    const home = this.#homes.get(key) ?? new SpoolHome(join(dataDir, 'spool'), fileNameOf(key), files);
    this.#homes.set(key, home);
    return home;
  }

  /** An entry may deliver a signal more than once; the order in which it does so tells these apart. */
  #spoolName(key: string, signal: Signal): string {
    const before = this.#listed.filter((listed) => listed.key === key && listed.signal === signal).length;
    return before === 0 ? signal : `${signal}.${before + 1}`;
  }

  /** Flushes and closes the delivery of a subscriber, and forgets it. */
  async remove<E extends object>(
    delivery: Delivery<E> | SpooledDelivery<E>,
    deadlineMs: number,
  ): Promise<void> {
    await delivery.close(deadlineMs);
    this.#listed = this.#listed.filter((listed) => (listed.delivery as unknown) !== delivery);
    this.#parts.book.forget(delivery.counts);
  }

  /** The plugin is about to start: what it accepts goes to its spools, if it has any. */
  start(key: string): void {
    for (const listed of this.#listed)
      if (listed.key === key && listed.delivery instanceof SpooledDelivery) listed.delivery.start();
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

  /** Events in memory only, and events in spools, of all plugins together. */
  get left(): { pending: number; spooled: number } {
    const all = this.#listed.map(({ delivery }) => delivery.counts);
    return {
      pending: all.reduce((sum, { queued, inFlight }) => sum + queued + inFlight, 0),
      spooled: all.reduce((sum, { spooled }) => sum + spooled, 0),
    };
  }

  /**
   * Hands everything that an entry has accepted, not got and not in a spool to `write`, signal by signal, when the
   * process ends; counted as delivered when that gives true.
   */
  writeLeft(key: string, write: (left: LastEvents) => boolean): void {
    const own = this.#listed.flatMap(({ delivery, ...listed }) =>
      listed.key === key && listed.signal !== undefined && delivery instanceof Delivery
        ? [{ signal: listed.signal, delivery }]
        : [],
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
