import * as z from 'zod';
import { once } from '../once.ts';

/** How events wait and travel to one plugin, per signal. The defaults are in {@link DELIVERY_DEFAULTS}. */
export interface DeliveryOptions {
  /** Events of one batch. */
  maxItems?: number;
  /** Bytes of one batch. */
  maxBytes?: number;
  /** Milliseconds the first event of a batch waits for company. */
  maxDelayMs?: number;
  /** Events that may wait. */
  queueItems?: number;
  /** Bytes that may wait. */
  queueBytes?: number;
  /**
   * What gives way when the queue is full, among the events of the least value: debug logs and updates of spans before
   * others, these before ends of root spans, errors, and scores and feedback. An event of less value than all that wait
   * gives way itself.
   */
  whenFull?: 'drop-oldest' | 'drop-newest';
  /** Milliseconds one send may take. */
  timeoutMs?: number;
  /**
   * What outlives what, from the acceptance of an event to its delivery. `memory`: nothing outlives the process. `os`:
   * events are written to a spool below `dataDir` within 25 ms, and outlive the process however it ends. `disk`: what was
   * written is synced too, and outlives a power cut. With a spool an event is retried without end:
   * `retry.maxElapsedMs` means nothing.
   */
  durability?: 'memory' | 'os' | 'disk';
  /** Bytes that may wait in the spool. When it is full `whenFull` decides, there by age alone. */
  spoolBytes?: number;
  retry?: RetryOptions;
}

/** Pauses between attempts: full jitter below a limit that grows by `factor`. */
export interface RetryOptions {
  initialDelayMs?: number;
  factor?: number;
  maxDelayMs?: number;
  /**
   * Milliseconds after the first failure at which a batch is divided; its halves have a tenth of that each. A single event
   * that fails for so long is given up. The time for which there was nobody to send to does not count. 0: the first
   * failure is final.
   */
  maxElapsedMs?: number;
  /** Failures in a row after which the circuit opens: one batch is tried, the others wait until it is taken. */
  breakAfter?: number;
  /** Milliseconds between two attempts while a destination takes nothing: wrong credentials, wrong address. */
  probeMs?: number;
}

/** Delivery options with every value present. */
export type ResolvedDelivery = Required<Omit<DeliveryOptions, 'retry'>> & { retry: Required<RetryOptions> };

export const DELIVERY_DEFAULTS: ResolvedDelivery = {
  maxItems: 512,
  maxBytes: 4_000_000,
  maxDelayMs: 1_000,
  queueItems: 16_384,
  queueBytes: 16_000_000,
  whenFull: 'drop-oldest',
  timeoutMs: 30_000,
  durability: 'memory',
  spoolBytes: 512_000_000,
  retry: {
    initialDelayMs: 1_000,
    factor: 2,
    maxDelayMs: 5_000,
    maxElapsedMs: 300_000,
    breakAfter: 5,
    probeMs: 30_000,
  },
};

/** All queues of one host together may hold this many bytes. */
export const TOTAL_QUEUE_BYTES = 128_000_000;

/** Below that, a segment is too small for one event of the usual size. */
const MIN_SPOOL_BYTES = 64_000;

const count = () => z.int().min(1).optional();
const ms = () => z.int().min(0).optional();

/** The `delivery` block of a plugin entry. */
export const deliverySchema = once(() =>
  z.strictObject({
    maxItems: count(),
    maxBytes: count(),
    maxDelayMs: ms(),
    queueItems: count(),
    queueBytes: count(),
    whenFull: z.enum(['drop-oldest', 'drop-newest']).optional(),
    timeoutMs: count(),
    durability: z.enum(['memory', 'os', 'disk']).optional(),
    spoolBytes: z.int().min(MIN_SPOOL_BYTES).optional(),
    retry: z
      .strictObject({
        initialDelayMs: ms(),
        factor: z.number().min(1).optional(),
        maxDelayMs: ms(),
        maxElapsedMs: ms(),
        breakAfter: count(),
        probeMs: count(),
      })
      .optional(),
  }),
);

/** Options over their defaults; a later layer wins, and what is undefined in it says nothing. */
export function resolveDelivery(...layers: (DeliveryOptions | undefined)[]): ResolvedDelivery {
  const resolved = { ...DELIVERY_DEFAULTS, retry: { ...DELIVERY_DEFAULTS.retry } };
  for (const layer of layers) {
    const { retry, ...rest } = layer ?? {};
    Object.assign(resolved, defined(rest));
    Object.assign(resolved.retry, defined(retry ?? {}));
  }
  return resolved;
}

function defined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
