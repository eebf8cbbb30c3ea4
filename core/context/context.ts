import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { LoggerContext } from '../signals/logs.ts';
import type { MetricsContext } from '../signals/metrics.ts';
import { noOpLoggerContext, noOpMetricsContext } from '../signals/noop.ts';
import type { Span } from '../signals/span.ts';

const SILENCED = Symbol('no telemetry about our own work');

/** The span that is current in each chain of asynchronous calls. One per process: spans of several hosts may nest. */
const current = new AsyncLocalStorage<Span | typeof SILENCED | undefined>();
/** The context this module was loaded in, outside any request. */
const root = new AsyncResource('obs-kit');

/** The span that the running code is inside of. */
export function currentSpan(): Span | undefined {
  const span = current.getStore();
  return span === SILENCED ? undefined : span;
}

/** Calls `fn` with `span` current, for everything that it awaits too. */
export function runWith<R>(span: Span, fn: () => R): R {
  return current.run(span, fn);
}

/** Calls `fn` outside of any request and without telemetry: how plugins send. */
export function runSilenced<R>(fn: () => R): R {
  return root.runInAsyncScope(() => current.run(SILENCED, fn));
}

/** Calls `fn` outside of any request, where telemetry is made: how a host speaks of itself. */
export function runOutside<R>(fn: () => R): R {
  return root.runInAsyncScope(() => current.run(undefined, fn));
}

/** Calls `fn` without telemetry, in the request that it belongs to: how plugins look at events. */
export function silently<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
  return current.run(SILENCED, fn, ...args);
}

/** True inside {@link runSilenced} and {@link silently}: what is emitted there would be about our own work. */
export function isSilenced(): boolean {
  return current.getStore() === SILENCED;
}

/**
 * A function that runs with the span that is current now, whenever it is called; with none if none is current now.
 * `this` and the number of parameters stay, as event emitters and routers look at them.
 */
export function bind<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  const span = current.getStore();
  function bound(this: unknown, ...args: A): R {
    return current.run(span, () => fn.apply(this, args));
  }
  return Object.defineProperty(bound, 'length', { value: fn.length });
}

/** The tracing part of a context: the span that the unit of work runs in. */
export interface TracingContext {
  currentSpan?: Span | undefined;
}

/** What every unit of work is given: a tool, a workflow step, a processor. All parts are safe to call always. */
export interface ObservabilityContextMixin {
  tracing: TracingContext;
  logger: LoggerContext;
  metrics: MetricsContext;
  /** @deprecated Use `tracing`. */
  tracingContext: TracingContext;
}

/** The context of work that is not traced. */
export const noOpTracingContext: TracingContext = Object.freeze({ currentSpan: undefined });

/** A context of the parts that are there; no-ops stand in for the others. */
export function createObservabilityContext(
  tracing: TracingContext = noOpTracingContext,
  logger: LoggerContext = noOpLoggerContext,
  metrics: MetricsContext = noOpMetricsContext,
): ObservabilityContextMixin {
  return { tracing, logger, metrics, tracingContext: tracing };
}
