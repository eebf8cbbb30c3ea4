import type { Send, SendContext } from '../../../core/contract/send.ts';
import type { Refusal } from '../../../core/delivery/attempt.ts';
import type { DropReason, Setback } from '../../../core/delivery/counts.ts';
import { Delivery } from '../../../core/delivery/delivery.ts';
import { type DeliveryOptions, resolveDelivery } from '../../../core/delivery/options.ts';
import type { DeliveryPlan } from '../../../core/delivery/parts.ts';
import type { ByteBudget } from '../../../core/delivery/queue.ts';
import { withBytes } from '../../../core/snapshot/snapshot.ts';

/** An event of these tests: a number, and padding that gives it a size. */
export interface Item {
  n: number;
}

/** What a delivery of these tests is made of; the rest are the defaults. */
export interface DeliverySetup {
  send: Send<Item>;
  options?: DeliveryOptions;
  isRedeliverySafe?: boolean;
  plan?: DeliveryPlan;
  budget?: ByteBudget;
  random?: () => number;
  /** Default true. */
  isOpen?: boolean;
  /** Called after each failure and drop, when the counts have changed. */
  onFailure?: () => void;
}

/** A failure as the delivery tells it. */
export interface Failure {
  error: unknown;
  outcome: Setback | DropReason;
  count: number;
}

/** A delivery that is open, and what it said about failures. */
export function createDelivery(setup: DeliverySetup): {
  delivery: Delivery<Item>;
  failures: Failure[];
  refused: Refusal<Item>[];
} {
  const failures: Failure[] = [];
  const refused: Refusal<Item>[] = [];
  let batches = 0;
  const delivery = new Delivery<Item>({
    send: setup.send,
    options: resolveDelivery(setup.options),
    plan: setup.plan,
    isRedeliverySafe: setup.isRedeliverySafe ?? true,
    budget: setup.budget ?? { limit: 128_000_000, used: 0 },
    newBatchId: () => `batch-${++batches}`,
    onFailure: (error, outcome, count) => {
      failures.push({ error, outcome, count });
      setup.onFailure?.();
    },
    onRefused: (refusals) => void refused.push(...refusals),
    onSuccess: () => {},
    random: setup.random ?? (() => 0),
  });
  if (setup.isOpen ?? true) delivery.open();
  return { delivery, failures, refused };
}

/** An event of 200 bytes and as many more as `payload` says. */
export function item(n: number, payload = 0): Item {
  return withBytes({ n }, payload);
}

/** An event for each value, the least first. */
const KINDS = [
  () => ({ type: 'span.updated' }),
  () => ({ type: 'span.started' }),
  () => ({ type: 'span.ended', exportedSpan: { status: 'ok', isRootSpan: true } }),
  () => ({ type: 'span.error' }),
  () => ({ type: 'score' }),
] as const;

/** The event `n` of a value from 0 to 4, of 200 bytes and the payload. */
export function worth(value: number, n: number, payload = 0): Item {
  return withBytes({ n, ...KINDS[value]!() }, payload);
}

/** Events with the numbers `from` to `to`. */
export function items(from: number, to: number): Item[] {
  return Array.from({ length: to - from + 1 }, (_, index) => item(from + index));
}

/** A send that keeps what it gets. */
export function createSink(): { send: Send<Item>; batches: number[][]; readonly numbers: number[] } {
  const batches: number[][] = [];
  return {
    send: async (batch) => {
      batches.push(batch.map(({ n }) => n));
    },
    batches,
    get numbers() {
      return batches.flat();
    },
  };
}

/** A promise that a test settles. */
export interface Gate {
  promise: Promise<void>;
  open(): void;
  fail(error: unknown): void;
}

export function createGate(): Gate {
  let open!: () => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

/** Never settles. */
export const NEVER: Promise<never> = new Promise(() => {});

/** The value of a promise and the time at which it came; undefined while it has not. */
export function timed<T>(promise: Promise<T>): { value?: T; at?: number } {
  const result: { value?: T; at?: number } = {};
  void promise.then((value) => Object.assign(result, { value, at: Date.now() }));
  return result;
}

/** When each attempt came, in milliseconds, with a send that fails `failures` times. */
export function failingSend(failures: number, error: (attempt: number) => unknown) {
  const at: number[] = [];
  const contexts: SendContext[] = [];
  const delivered: number[] = [];
  const send = async (batch: readonly { n: number }[], context: SendContext) => {
    at.push(Date.now());
    contexts.push(context);
    if (at.length <= failures) throw error(at.length);
    delivered.push(...batch.map(({ n }) => n));
  };
  return { send, at, contexts, delivered };
}
