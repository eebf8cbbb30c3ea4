import type { Send } from '../contract/send.ts';
import type { Deliveries, Settled } from '../delivery/deliveries.ts';
import type { Level } from '../delivery/level.ts';
import { DELIVERY_DEFAULTS, resolveDelivery } from '../delivery/options.ts';
import { withTimeLimit } from '../delivery/time-limit.ts';
import { messageOf } from '../errors.ts';

/** How long a flush or shutdown may take. */
export interface FlushOptions {
  /** Milliseconds. Default 10,000 for a flush; for the shutdown of an instance `shutdownTimeoutMs` of its config. */
  deadlineMs?: number;
  /**
   * `stored`: it is enough that events lie in the spools of their plugins; for a plugin without one this is as
   * `delivered`. Default: `delivered`.
   */
  until?: 'stored' | 'delivered';
}

/** What a flush reached: an acknowledgement of everything accepted before it, when it is complete. */
export interface FlushResult {
  /**
   * True when everything accepted before the call was, in time, delivered, dropped and counted, or written to the spool
   * of its plugin at its level.
   */
  isComplete: boolean;
  /**
   * What every event acknowledged here outlives that is not delivered yet; the weakest among the plugins that took
   * events. `memory`: nothing, it was delivered or is lost with the process. `os`: the end of the process. `disk`: a power
   * cut, too. What a plugin that has an event promises is its own.
   */
  level: Level;
  /** Events that were only in memory at the end: queued or in flight. */
  pending: number;
  /** Events that lay in spools at the end, to be delivered later, by this process or the next. */
  spooled: number;
}

/** A bus of events: emit never throws and never waits. */
export interface ObservabilityEventBus<E> {
  emit(event: E): void;
  /**
   * Calls `handler` for each event, in order, awaiting its promise. Returns the unsubscribe, after which only events
   * emitted before it still come.
   */
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
    const maxItems = this.#bufferSize;
    const options = resolveDelivery({
      maxItems,
      maxDelayMs: this.#flushIntervalMs,
      // Each event has the usual time limit of its own.
      timeoutMs: (maxItems + 1) * DELIVERY_DEFAULTS.timeoutMs,
    });
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
      void this.deliveries.remove(delivery, DEFAULT_DEADLINE_MS);
    };
  }

  async flush(options: FlushOptions = {}): Promise<FlushResult> {
    const { deadlineMs = DEFAULT_DEADLINE_MS, until = 'delivered' } = options;
    return this.#result(await this.deliveries.flush(deadlineMs, until));
  }

  async shutdown({ deadlineMs = DEFAULT_DEADLINE_MS }: FlushOptions = {}): Promise<FlushResult> {
    return this.#result(await this.deliveries.close(deadlineMs));
  }

  #result({ isComplete, level }: Settled): FlushResult {
    return { isComplete, level, ...this.deliveries.left };
  }
}

/** A batch for a handler of single events: one that throws or hangs is named as rejected, the others go on. */
function eachAtATime<E>(handler: (event: E) => void | Promise<void>): Send<E> {
  return async (batch, { abortSignal }) => {
    const rejected: { index: number; reason: string }[] = [];
    for (const [index, event] of batch.entries()) {
      if (abortSignal.aborted) break;
      try {
        await withTimeLimit(handler(event), new AbortController(), { ms: DELIVERY_DEFAULTS.timeoutMs });
      } catch (error) {
        rejected.push({ index, reason: messageOf(error) });
      }
    }
    return { rejected };
  };
}
