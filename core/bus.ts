import type { Deliveries, DeliveryRequest } from './delivery/deliveries.ts';
import { resolveDelivery } from './delivery/options.ts';
import type { DiagnosticsBook } from './diagnostics.ts';
import { messageOf } from './errors.ts';
import { callSignal, type HookTable, isTapped, tapSignal } from './hooks.ts';
import type { Phases } from './phases.ts';
import { type EventOf, type ObservabilityEvent, type Signal, signalOf } from './signals/index.ts';
import { deepFreeze } from './snapshot.ts';

/** How long a flush or shutdown may take. */
export interface FlushOptions {
  /** Milliseconds. Default 10,000 for a flush; for the shutdown of an instance `shutdownTimeoutMs` of its config. */
  deadlineMs?: number;
}

/** What a flush reached. */
export interface FlushResult {
  /** True when everything accepted before the call was delivered, or dropped and counted, in time. */
  isComplete: boolean;
  /** Where what is acknowledged lies: `memory` means handed to the plugins; what they promise is theirs. */
  level: 'memory';
  /** Events that were still queued or in flight at the end. */
  pending: number;
}

/** A bus of events: emit never throws and never waits. */
export interface ObservabilityEventBus<E> {
  emit(event: E): void;
  /** Calls `handler` for each event, in order, awaiting its promise. Returns the unsubscribe. */
  subscribe(handler: (event: E) => void | Promise<void>): () => void;
  flush(options?: FlushOptions): Promise<FlushResult>;
  shutdown(options?: FlushOptions): Promise<FlushResult>;
}

/** How events wait for subscribers. */
export interface EventBusOptions {
  /** Events handed to a subscriber at once at most. Default 100. */
  bufferSize?: number;
  /** Milliseconds an event waits at most before it is handed over. Default 1,000. */
  flushIntervalMs?: number;
}

const DEFAULT_DEADLINE_MS = 10_000;

/** Buffered fan-out to subscribers: each has a bounded queue of its own, so a slow one changes nothing for another. */
export class BaseObservabilityEventBus<E extends object> implements ObservabilityEventBus<E> {
  protected readonly deliveries: Deliveries;
  readonly #bufferSize: number;
  readonly #flushIntervalMs: number;
  readonly #subscribers = new Set<(event: E) => void>();
  #count = 0;

  constructor(deliveries: Deliveries, { bufferSize = 100, flushIntervalMs = 1_000 }: EventBusOptions = {}) {
    this.deliveries = deliveries;
    this.#bufferSize = bufferSize;
    this.#flushIntervalMs = flushIntervalMs;
  }

  /** True when somebody subscribed. */
  get hasSubscribers(): boolean {
    return this.#subscribers.size > 0;
  }

  emit(event: E): void {
    for (const offer of this.#subscribers) offer(event);
  }

  subscribe(handler: (event: E) => void | Promise<void>): () => void {
    const key = `subscriber-${++this.#count}`;
    const options = resolveDelivery({ maxItems: this.#bufferSize, maxDelayMs: this.#flushIntervalMs });
    const delivery = this.deliveries.add<E>({
      key,
      send: eachAtATime(handler),
      options,
      isRedeliverySafe: false,
    });
    delivery.open();
    const offer = (event: E) => delivery.offer(event);
    this.#subscribers.add(offer);
    return () => {
      this.#subscribers.delete(offer);
      void delivery.close(DEFAULT_DEADLINE_MS);
    };
  }

  async flush({ deadlineMs = DEFAULT_DEADLINE_MS }: FlushOptions = {}): Promise<FlushResult> {
    return this.#result(await this.deliveries.flush(deadlineMs));
  }

  async shutdown({ deadlineMs = DEFAULT_DEADLINE_MS }: FlushOptions = {}): Promise<FlushResult> {
    return this.#result(await this.deliveries.close(deadlineMs));
  }

  #result(isComplete: boolean): FlushResult {
    return { isComplete, level: 'memory', pending: this.deliveries.pending() };
  }
}

/** A batch for a handler of single events: one that throws is named as rejected, the others go on. */
function eachAtATime<E>(handler: (event: E) => void | Promise<void>) {
  return async (batch: readonly E[]) => {
    const rejected: { index: number; reason: string }[] = [];
    for (const [index, event] of batch.entries()) {
      try {
        await handler(event);
      } catch (error) {
        rejected.push({ index, reason: messageOf(error) });
      }
    }
    return { rejected };
  };
}

/** What the bus of a host is made of. */
export interface BusParts {
  hooks: HookTable;
  phases: Phases;
  deliveries: Deliveries;
  book: DiagnosticsBook;
  /** Freezes each event, so that a plugin that changes one fails by name. */
  freeze: boolean;
  options?: EventBusOptions;
}

/** The bus of all five signals: phases, then the signal's hook, then the subscribers. */
export class ObservabilityBus extends BaseObservabilityEventBus<ObservabilityEvent> {
  readonly #parts: BusParts;
  #isCalling = false;

  constructor(parts: BusParts) {
    super(parts.deliveries, parts.options);
    this.#parts = parts;
  }

  /** True when a plugin or a subscriber listens to the signal. */
  isHeard(signal: Signal): boolean {
    return isTapped(this.#parts.hooks, signal) || this.hasSubscribers;
  }

  override emit(event: ObservabilityEvent): void {
    const signal = signalOf(event);
    // Telemetry about a tap, made inside that tap, would come back to it for ever.
    if (this.#isCalling) {
      this.#parts.book.dropped(signal, 'inside_tap');
      return;
    }
    const ready = this.#parts.phases.run(signal, event);
    if (ready) this.#hand(signal, ready);
  }

  /** Hands over events made elsewhere: neither enriched nor sampled, secrets redacted; waits while queues are full. */
  async ingest(events: readonly ObservabilityEvent[]): Promise<number> {
    let accepted = 0;
    for (const event of events) {
      const signal = signalOf(event);
      if (!this.isHeard(signal)) continue;
      await this.deliveries.room(signal);
      const ready = this.#parts.phases.runIngested(signal, event);
      if (!ready) continue;
      this.#hand(signal, ready);
      accepted++;
    }
    return accepted;
  }

  /** Lets the events of a signal be delivered to a plugin. */
  deliver<S extends Signal>(
    request: DeliveryRequest<EventOf[S]> & { signal: S },
    wants?: (event: EventOf[S]) => EventOf[S] | null,
  ): void {
    const delivery = this.deliveries.add(request);
    tapSignal(this.#parts.hooks, request.signal, request.key, (event) => {
      const wanted = wants ? wants(event) : event;
      if (wanted) delivery.offer(wanted);
    });
  }

  #hand(signal: Signal, event: ObservabilityEvent): void {
    if (this.#parts.freeze) deepFreeze(event);
    this.#parts.book.emitted(signal);
    this.#isCalling = true;
    callSignal(this.#parts.hooks, signal, event);
    super.emit(event);
    this.#isCalling = false;
  }
}
