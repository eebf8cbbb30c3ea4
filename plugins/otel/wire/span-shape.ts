import type { AnyExportedSpan } from '../../../core/index.ts';
import { otlpSpanId, otlpTraceId } from './identity.ts';
import type { Origins } from './origin.ts';
import { type HrTime, hrTime } from './time.ts';
import { type OtlpAttributes, otlpAttributes, wellFormed } from './value.ts';

/** The kinds of OTLP spans in the order of OpenTelemetry's API. */
export const SPAN_KINDS = ['internal', 'server', 'client', 'producer', 'consumer'] as const;
export type OtlpSpanKind = (typeof SPAN_KINDS)[number];

/** A point in time inside a span. */
export interface OtlpSpanEvent {
  name: string;
  timeUnixMicro: number;
  attributes?: Readonly<Record<string, unknown>>;
}

/** A span of ours with what is to be said about it on the wire. */
export interface OtlpSpan {
  /** Ids, parent, times, links and error are taken from it; input, output and the like are not. */
  span: AnyExportedSpan;
  /** All attributes of the span on the wire. */
  attributes: Readonly<Record<string, unknown>>;
  /** Default: the name of the span. */
  name?: string;
  /** Default: `internal`. */
  kind?: OtlpSpanKind;
  events?: readonly OtlpSpanEvent[];
  /** W3C trace state, as text. */
  traceState?: string;
  /** Attributes of a resource of its own; default: that of the request. */
  resource?: Readonly<Record<string, unknown>>;
}

const SAMPLED = 1;
const STATUS = { unset: 0, error: 2 };

const NO_EVENTS: readonly OtlpSpanEvent[] = [];

/** The span as the serializers read it. @throws RangeError for a span without a valid time. */
export function readableSpan(given: OtlpSpan, origins: Origins): object {
  const { span, kind = 'internal', events = NO_EVENTS } = given;
  const { resource, instrumentationScope } = origins.of(given.resource, span.scope);
  const context = contextOf(span.traceId, span.id, given.traceState);
  return {
    resource,
    instrumentationScope,
    spanContext: () => context,
    parentSpanContext: span.parentSpanId ? contextOf(span.traceId, span.parentSpanId) : undefined,
    name: wellFormed(String(given.name ?? span.name)),
    kind: SPAN_KINDS.indexOf(kind),
    startTime: hrTime(span.startUnixMicro),
    endTime: hrTime(span.endUnixMicro ?? span.startUnixMicro),
    attributes: attributesOf(given, context),
    events: events.map(eventOf),
    links: (span.links ?? []).map(linkOf),
    status: statusOf(span),
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

interface Context {
  traceId: string;
  spanId: string;
  traceFlags: number;
  traceState: { serialize(): string } | undefined;
}

function contextOf(traceId: string, spanId: string, traceState?: string): Context {
  return {
    traceId: otlpTraceId(traceId),
    spanId: otlpSpanId(spanId),
    traceFlags: SAMPLED,
    traceState: traceState ? { serialize: () => traceState } : undefined,
  };
}

/** Ids that OTLP cannot carry are said in attributes. Copies nothing where there are none: a copy costs as much as the rest. */
function attributesOf({ span, attributes }: OtlpSpan, { traceId, spanId }: Context): OtlpAttributes {
  const writable = otlpAttributes(attributes);
  if (span.traceId === traceId && span.id === spanId) return writable;
  return { ...writable, ...otlpAttributes({ 'obs.trace.id': span.traceId, 'obs.span.id': span.id }) };
}

function eventOf({ name, timeUnixMicro, attributes = {} }: OtlpSpanEvent) {
  return {
    name: wellFormed(String(name)),
    time: hrTime(timeUnixMicro) satisfies HrTime,
    attributes: otlpAttributes(attributes),
    droppedAttributesCount: 0,
  };
}

function linkOf({ traceId, spanId, attributes = {} }: NonNullable<AnyExportedSpan['links']>[number]) {
  return {
    context: contextOf(traceId, spanId),
    attributes: otlpAttributes(attributes),
    droppedAttributesCount: 0,
  };
}

function statusOf({ status, errorInfo }: AnyExportedSpan): { code: number; message?: string } {
  if (status !== 'error') return { code: STATUS.unset };
  if (!errorInfo) return { code: STATUS.error };
  return { code: STATUS.error, message: wellFormed(String(errorInfo.message)) };
}
