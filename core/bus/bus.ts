import type { Deliveries } from '../delivery/deliveries.ts';
import type { DiagnosticsBook } from '../diagnostics/diagnostics-book.ts';
import { messageOf } from '../errors.ts';
import { type ObservabilityEvent, type Signal, signalOf } from '../signals/index.ts';
import { bytesOf, deepFreeze, withBytes } from '../snapshot/snapshot.ts';
import {
  BaseObservabilityEventBus,
  type EventBusOptions,
  type FlushOptions,
  type FlushResult,
} from './event-bus.ts';
import { callSignal, isTapped } from './hooks.ts';
import type { Slot } from './slot.ts';

/** What the bus of a host is made of. */
export interface BusParts {
  slot: Slot;
  deliveries: Deliveries;
  book: DiagnosticsBook;
  options?: EventBusOptions;
}

/** The bus of all five signals: phases, then the signal's hook, then the subscribers. */
export class ObservabilityBus extends BaseObservabilityEventBus<ObservabilityEvent> {
  readonly #parts: BusParts;
  readonly #slot: Slot;
  #isFreezing = false;
  #isCalling = false;
  #isClosed = false;

  constructor(parts: BusParts) {
    super(parts.deliveries, parts.options);
    this.#parts = parts;
    this.#slot = parts.slot;
    // Where somebody looks, a plugin that changes an event shall fail by name.
    this.#slot.follow(({ environment }) => {
      this.#isFreezing = environment === 'development' || environment === 'test';
    });
  }

  /** True once it has shut down: what is emitted is dropped and counted. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** True when a plugin or a subscriber listens to the signal, or to one type of its events. */
  isHeard(signal: Signal, type?: string): boolean {
    return isTapped(this.#slot.hooks, signal, type) || this.hasSubscribers;
  }

  override emit(event: ObservabilityEvent): void {
    try {
      const signal = knownSignalOf(event);
      // Telemetry about a tap, made inside that tap, would come back to it for ever.
      if (this.#isCalling) this.#parts.book.dropped(signal, 'inside_tap');
      else if (this.#isClosed) this.#parts.book.dropped(signal, 'after_shutdown');
      else this.#run(signal, event);
    } catch (error) {
      this.#warnOf(error);
    }
  }

  /**
   * Hands over events made elsewhere: neither enriched nor sampled, secrets redacted; waits while queues are full.
   * What is no event, and what comes after the shutdown, is left out. Returns how many were handed over.
   */
  async ingest(events: readonly ObservabilityEvent[]): Promise<number> {
    let accepted = 0;
    for (const event of events) {
      try {
        if (await this.#ingest(knownSignalOf(event), event)) accepted++;
      } catch (error) {
        this.#warnOf(error);
      }
    }
    return accepted;
  }

  override shutdown(options?: FlushOptions): Promise<FlushResult> {
    this.#isClosed = true;
    return super.shutdown(options);
  }

  #run(signal: Signal, event: ObservabilityEvent): void {
    this.#isCalling = true;
    try {
      const ready = this.#slot.phases.run(signal, event);
      if (ready) this.#hand(signal, ready);
    } finally {
      this.#isCalling = false;
    }
  }

  async #ingest(signal: Signal, event: ObservabilityEvent): Promise<boolean> {
    if (!this.isHeard(signal)) return false;
    // Measured once here, not by every queue; and by the time it is handed over no tap of the caller is running.
    const bytes = bytesOf(event);
    const sized = withBytes(Object.assign({}, event), bytes);
    do await this.deliveries.room(signal, bytes);
    while (!this.deliveries.isCalmFor(signal, bytes));
    return this.#handIngested(signal, sized);
  }

  #handIngested(signal: Signal, event: ObservabilityEvent): boolean {
    if (this.#isClosed) {
      this.#parts.book.dropped(signal, 'after_shutdown');
      return false;
    }
    this.#isCalling = true;
    try {
      const ready = this.#slot.phases.runIngested(signal, event);
      if (ready) this.#hand(signal, ready);
      return ready !== null;
    } finally {
      this.#isCalling = false;
    }
  }

  #hand(signal: Signal, event: ObservabilityEvent): void {
    if (this.#isFreezing) deepFreeze(event);
    this.#parts.book.emitted(signal);
    callSignal(this.#slot.hooks, signal, event);
    super.emit(event);
  }

  #warnOf(error: unknown): void {
    this.#parts.book.warnOnce('bus', `an event could not be handed over: ${messageOf(error)}`, 'ERROR');
  }
}

/** @throws TypeError for what is no event. */
function knownSignalOf(event: ObservabilityEvent): Signal {
  const signal: unknown = signalOf(event);
  if (typeof signal !== 'string') throw new TypeError(`"${String(event.type)}" is no type of event`);
  return signal as Signal;
}
