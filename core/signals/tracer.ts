import { messageOf } from '../errors.ts';
import { isSpanId, isTraceId } from '../ids.ts';
import { Snapshot } from '../snapshot/snapshot.ts';
import type { EmitterHost } from './emitter.ts';
import { createNoOpSpan } from './noop.ts';
import { RecordingSpan } from './recording-span.ts';
import { endWhenClosed } from './returned.ts';
import type { Span, SpanOptions, SpanParts, TracedSpan, TraceState } from './span.ts';
import type { SpanType } from './span-types.ts';
import { parseTraceparent } from './traceparent.ts';
import { CORRELATION_KEYS, type Correlation } from './tracing.ts';
import { UnsampledSpan } from './unsampled.ts';

/** Where a new span hangs: by default under the current span, else at the root of a new trace. */
export interface SpanPlacement {
  /** The parent; `null` starts a new trace although a span is current. */
  parent?: Span | null;
  /** A W3C `traceparent` header to continue; ignored when malformed, as W3C asks. */
  traceparent?: string | undefined;
  /** The id of the new trace: 32 lower-case hex characters. Ignored when malformed or under a parent. */
  traceId?: string;
  /** The span in another process that this one continues: 16 lower-case hex characters, with `traceId`. */
  parentSpanId?: string;
}

/** Options of {@link Tracer.startSpan}. */
export type StartSpanOptions<T extends SpanType = SpanType> = SpanOptions<T> & SpanPlacement;

/** Options of {@link Tracer.trace}: the name is given apart. */
export type TraceOptions<T extends SpanType = SpanType> = Omit<StartSpanOptions<T>, 'name'>;

/** Makes spans. */
export interface Tracer {
  /** A span that the caller ends. It does not become current: use `span.run(fn)` or `trace`. */
  startSpan<T extends SpanType = 'generic'>(options: StartSpanOptions<T>): Span<T>;
  /**
   * Runs `fn` inside a new span and returns what `fn` returns. The span ends when `fn` returns, when its promise
   * settles, or, for a stream or async iterable, when that closes; what `fn` throws is recorded and thrown on.
   */
  trace<R>(name: string, fn: (span: Span) => R): R;
  trace<R, T extends SpanType>(name: string, options: TraceOptions<T>, fn: (span: Span<T>) => R): R;
}

/** The tracer over a host. With tracing off, and for options that cannot be read, it hands out one no-op span. */
export function createTracer(host: EmitterHost): Tracer {
  const noOpSpan = createNoOpSpan();

  function start(options: StartSpanOptions, apart: Apart): Span {
    if (!host.isOn('tracing')) return noOpSpan;
    try {
      return place(host, options, apart, startChild);
    } catch (error) {
      host.refuse('tracing', 'invalid_value', `a span could not be started: ${messageOf(error)}`);
      return noOpSpan;
    }
  }

  function startChild(parent: Span, options: SpanOptions, isEvent: boolean): Span {
    return start(options, { parent, isEvent });
  }

  function trace<R>(name: string, ...rest: [(span: Span) => R] | [TraceOptions, (span: Span) => R]): R {
    const [options, fn] = rest.length === 1 ? [undefined, rest[0]] : rest;
    const span = start((options ?? {}) as StartSpanOptions, { name });
    if (span === noOpSpan) return fn(span);
    return endWhenClosed(span as TracedSpan, () => fn(span));
  }

  const startSpan = (options: StartSpanOptions): Span => start(options, {});
  return { startSpan: startSpan as Tracer['startSpan'], trace: trace as Tracer['trace'] };
}

type StartChild = (parent: Span, options: SpanOptions, isEvent: boolean) => Span;

/** What is given apart from the options and goes before them. */
interface Apart {
  name?: string;
  parent?: Span;
  isEvent?: boolean;
}

function place(host: EmitterHost, options: StartSpanOptions, apart: Apart, startChild: StartChild): Span {
  const { parent: asked = options.parent, isEvent = false } = apart;
  const remote = remoteParent(options, asked);
  const parent = traced(asked === undefined && !remote ? host.currentSpan() : asked);
  const snapshot = new Snapshot(host.limits);
  const name = snapshot.text(apart.name ?? options.name, 'name');
  const correlation = inherit(parent?.correlation ?? host.origin, options, snapshot);
  const state = parent?.state ?? newTrace(host, remote?.traceId ?? options.traceId, remote?.isSampled);
  const parentSpanId = parent?.id ?? remote?.spanId;
  const handle = parent?.trace;
  const isRootSpan = !parent;
  const parts: SpanParts = {
    host,
    state,
    handle,
    name,
    parentSpanId,
    isRootSpan,
    isEvent,
    correlation,
    snapshot,
    startChild,
  };
  const span: RecordingSpan | UnsampledSpan = state.isSampled
    ? new RecordingSpan(parts, options)
    : new UnsampledSpan(parts, options);
  if (span.isSampled) span.begin();
  else host.drop('tracing', 'sampled');
  return span;
}

/** A parent that carries a trace; the no-op span, kept from a time when tracing was off, does not. */
function traced(parent: Span | null | undefined): TracedSpan | undefined {
  return parent && 'state' in parent ? (parent as TracedSpan) : undefined;
}

interface RemoteParent {
  traceId: string;
  spanId?: string;
  isSampled?: boolean;
}

function remoteParent(options: StartSpanOptions, parent: Span | null | undefined): RemoteParent | undefined {
  const header = options.traceparent === undefined ? undefined : parseTraceparent(options.traceparent);
  if (header) return header;
  if (parent || !isTraceId(options.traceId)) return undefined;
  const { traceId, parentSpanId } = options;
  return isSpanId(parentSpanId) ? { traceId, spanId: parentSpanId } : { traceId };
}

function newTrace(host: EmitterHost, givenTraceId?: string, givenIsSampled?: boolean): TraceState {
  const anchorUnixMicro = host.clock.unixMicro();
  const traceId = isTraceId(givenTraceId) ? givenTraceId : host.ids.traceId(anchorUnixMicro);
  return {
    traceId,
    isSampled: givenIsSampled ?? host.sample(traceId),
    anchorUnixMicro,
    anchorMonotonicMicro: host.clock.monotonicMicro(),
    lastStartUnixMicro: 0,
  };
}

const INHERITED = new Set<string>(CORRELATION_KEYS);

function inherit(inherited: Correlation, options: Correlation, snapshot: Snapshot): Correlation {
  let own: Correlation | undefined;
  for (const key in options) {
    if (!INHERITED.has(key)) continue;
    const value = options[key as keyof Correlation];
    if (value === undefined || value === null) continue;
    own ??= Object.assign({}, inherited) as Correlation;
    own[key as keyof Correlation] = snapshot.text(value, key);
  }
  return own ?? inherited;
}
