import { type HookTable, type LifecycleStep, tapSignal } from '../bus/hooks.ts';
import type { Placed, Table } from '../bus/slot.ts';
import type { Phase, Process, ProcessOptions } from '../contract/host.ts';
import type { AnyDelivery, Deliveries, DeliveryRequest } from '../delivery/deliveries.ts';
import { SpooledDelivery } from '../delivery/spooled-delivery.ts';
import type { EventOf, Signal } from '../signals/index.ts';

type StepName = 'start' | 'flush' | 'shutdown';

/** One delivery of an entry: made when its signal is on for the first time, and then kept. */
interface Way {
  readonly signal: Signal;
  readonly offer: (event: never) => void;
  delivery: AnyDelivery<never> | undefined;
}

/** What a delivery takes of an event: nothing of other types, and of the others what may be shown. */
export interface Taken<E> {
  types: ReadonlySet<string> | undefined;
  /** Null: nothing. */
  shown: (event: E) => E | null;
}

/** What one entry placed, and the deliveries that came of it: both outlast the table that they are on. */
export class Placements implements Placed {
  readonly #key: string;
  readonly #deliveries: Deliveries;
  readonly #taps: { signal: Signal; put: (table: Table) => void }[] = [];
  readonly #steps: ((hooks: HookTable) => void)[] = [];
  readonly #ways: Way[] = [];
  #isStarted = false;
  #isOpen = false;

  constructor(key: string, deliveries: Deliveries) {
    this.#key = key;
    this.#deliveries = deliveries;
  }

  tap<S extends Signal>(signal: S, fn: (event: EventOf[S]) => void): void {
    this.#taps.push({ signal, put: ({ hooks }) => tapSignal(hooks, signal, this.#key, fn) });
  }

  process<S extends Signal>(
    signal: S,
    phase: Phase,
    process: Process<EventOf[S]>,
    options?: ProcessOptions,
  ): void {
    this.#taps.push({ signal, put: ({ phases }) => phases.add(signal, phase, this.#key, process, options) });
  }

  deliver<S extends Signal>(
    request: Omit<DeliveryRequest<EventOf[S]>, 'key' | 'signal' | 'nth'> & { signal: S },
    { types, shown }: Taken<EventOf[S]>,
  ): void {
    const { signal } = request;
    let delivery: AnyDelivery<EventOf[S]>;
    const offer = (event: EventOf[S]): void => {
      const seen = !types || types.has(event.type) ? shown(event) : null;
      if (seen) delivery.offer(seen);
    };
    const way: Way = { signal, offer, delivery: undefined };
    const nth = this.#ways.filter((other) => other.signal === signal).length;
    this.#ways.push(way);
    const put = ({ hooks }: Table) => {
      if (!way.delivery) {
        delivery = this.#deliveries.add({ ...request, key: this.#key, nth });
        way.delivery = delivery as unknown as AnyDelivery<never>;
        if (this.#isStarted && delivery instanceof SpooledDelivery) delivery.start();
        if (this.#isOpen) delivery.open();
      }
      tapSignal(hooks, signal, this.#key, offer, types);
    };
    this.#taps.push({ signal, put });
  }

  step(name: StepName, fn: (step: LifecycleStep) => Promise<void>): void {
    this.#steps.push((hooks) => hooks[name].tapPromise(this.#key, fn));
  }

  put(table: Table, isOn: (signal: Signal) => boolean): void {
    for (const { signal, put } of this.#taps) if (isOn(signal)) put(table);
    for (const put of this.#steps) put(table.hooks);
  }

  /** The plugin is about to start: what its deliveries accept goes to their spools, if they have any. */
  start(): void {
    this.#isStarted = true;
    for (const { delivery } of this.#ways) if (delivery instanceof SpooledDelivery) delivery.start();
  }

  /** The plugin is ready: what its deliveries accepted, and accept from now on, is sent. */
  open(): void {
    this.#isOpen = true;
    for (const { delivery } of this.#ways) delivery?.open();
  }

  /** Its deliveries, as far as their signals were ever on. */
  get deliveries(): AnyDelivery<never>[] {
    return this.#ways.flatMap(({ delivery }) => delivery ?? []);
  }

  /**
   * Sends what was accepted within the deadline and closes the deliveries. What is left by then, and all where the
   * plugin never got ready, goes to the `successor`; what that one does not take is given up and counted.
   */
  async drain(deadlineMs: number, successor: Placements | undefined): Promise<void> {
    const heirs = successor ? successor.#named() : new Map<string, Way>();
    const drained = [...this.#named()].map(async ([name, { delivery }]) => {
      if (!delivery) return;
      const heir = heirs.get(name);
      if (!heir?.delivery) return this.#deliveries.remove(delivery, deadlineMs);
      const takesSpool = heir.delivery instanceof SpooledDelivery;
      // What never got ready cannot send: waiting for it would only hold up the successor.
      const waitMs = this.#isOpen ? deadlineMs : 0;
      return this.#deliveries.remove(delivery, waitMs, { offer: heir.offer, takesSpool });
    });
    await Promise.all(drained);
  }

  /** Its deliveries by a name that those of its successor have too: the n-th of a signal. */
  #named(): Map<string, Way> {
    return new Map(
      this.#ways.map((way) => {
        const ofSignal = this.#ways.filter(({ signal }) => signal === way.signal);
        return [`${way.signal} ${ofSignal.indexOf(way)}`, way];
      }),
    );
  }
}
