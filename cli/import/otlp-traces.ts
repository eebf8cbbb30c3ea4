import type { Correlation, Scope, SpanErrorInfo, SpanLink, TracingEvent } from '../../core/index.ts';
import { spanIdOf } from './identity.ts';
import { type ImportedSpan, lifecycleOf } from './lifecycle.ts';
import type { OtlpGroup, OtlpNesting } from './otlp-groups.ts';
import {
  attributesOf,
  enumNumber,
  hexId,
  requiredHexId,
  requiredUnixMicro,
  unixMicro,
} from './otlp-values.ts';
import { takeOwnFields, withOwnFields } from './own-fields.ts';
import { BadRecord, isRecord, meaningful, type RawRecord, recordOf, textOf, unlessEmpty } from './record.ts';
import { factsOf } from './span-facts.ts';

/** Where OTLP has its spans. */
export const OTLP_SPANS: OtlpNesting = ['resourceSpans', 'scopeSpans', 'spans'];

/** The kinds of OTLP spans in the order of their numbers, from 1. */
export const SPAN_KINDS = ['internal', 'server', 'client', 'producer', 'consumer'];
const KIND_NAMES = ['UNSPECIFIED', ...SPAN_KINDS].map((kind) => `SPAN_KIND_${kind.toUpperCase()}`);
const STATUS_NAMES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];
const STATUS_ERROR = 2;

/** True when the file holds the span; a span whose parent it does not hold is an entry into its trace. */
export type HasSpan = (traceId: string, spanId: string) => boolean;

/** The key of a span in a set. */
export function spanKey(traceId: unknown, spanId: unknown): string {
  return `${traceId} ${spanId}`.toLowerCase();
}

/**
 * The events of one OTLP span: the span itself, and each of its span events as a child span that is a point in time.
 * Attributes of known conventions are moved to our fields; kind, trace state and resource are under `metadata.otel`.
 */
export function spanEvents(raw: RawRecord, group: OtlpGroup, hasSpan: HasSpan): TracingEvent[] {
  const attributes = attributesOf(raw['attributes']);
  const own = takeOwnFields(attributes);
  if (own) return lifecycleOf(withOwnFields(exportedSpan(raw, attributes, group, hasSpan), own));
  const { span, shared } = spanOf(raw, attributes, group, hasSpan);
  const points = listOf(raw, 'events').map((event, index) =>
    pointOf(event, `/events/${index}`, span, shared),
  );
  return [span, ...distinct(points)].flatMap(lifecycleOf);
}

/**
 * The span that an export of ours wrote, apart from its own fields: its points in time are spans of their own, and
 * what it says for others (the exception, the operation) is in those fields.
 */
export function exportedSpan(
  raw: RawRecord,
  attributes: RawRecord,
  group: OtlpGroup,
  hasSpan: HasSpan,
): ImportedSpan {
  const { 'gen_ai.operation.name': _, ...rest } = attributes;
  return spanOf(raw, rest, group, hasSpan).span;
}

/** What a span and its events have in common. */
type Shared = Correlation & { scope?: Scope };

function spanOf(
  raw: RawRecord,
  given: RawRecord,
  { correlation, scope, resource }: OtlpGroup,
  hasSpan: HasSpan,
): { span: ImportedSpan; shared: Shared } {
  const { correlation: said, metadata, attributes, ...content } = factsOf(given);
  const shared: Shared = { ...correlation, ...said, ...(scope && { scope }) };
  const traceId = requiredHexId(raw, 'traceId', 32);
  const parentSpanId = hexId(raw, 'parentSpanId', 16);
  const startUnixMicro = requiredUnixMicro(raw, 'startTimeUnixNano');
  const endUnixMicro = unixMicro(raw, 'endTimeUnixNano');
  const errorInfo = errorOf(raw);
  const links = linksOf(raw);
  const span: ImportedSpan = {
    id: requiredHexId(raw, 'spanId', 16),
    traceId,
    name: textOf(raw, 'name') ?? 'unknown',
    isRootSpan: parentSpanId === undefined || !hasSpan(traceId, parentSpanId),
    isEvent: false,
    status: errorInfo ? 'error' : endUnixMicro === undefined ? 'running' : 'ok',
    startTime: new Date(startUnixMicro / 1000),
    startUnixMicro,
    ...content,
    ...shared,
    ...unlessEmpty('metadata', { ...metadata, ...unlessEmpty('otel', leftovers(raw, resource)) }),
    ...unlessEmpty('attributes', attributes),
    ...(parentSpanId !== undefined && { parentSpanId }),
    ...(endUnixMicro !== undefined && { endTime: new Date(endUnixMicro / 1000), endUnixMicro }),
    ...(links.length > 0 && { links }),
    ...(errorInfo && { errorInfo }),
  };
  return { span, shared };
}

function leftovers(raw: RawRecord, resource: RawRecord): RawRecord {
  const { message } = recordOf(raw, 'status');
  return meaningful({
    kind: SPAN_KINDS[enumNumber(raw['kind'], KIND_NAMES) - 1],
    resource,
    traceState: raw['traceState'],
    statusMessage: isFailed(raw) ? undefined : message,
    droppedAttributesCount: raw['droppedAttributesCount'],
    droppedEventsCount: raw['droppedEventsCount'],
    droppedLinksCount: raw['droppedLinksCount'],
  });
}

function isFailed(raw: RawRecord): boolean {
  return enumNumber(recordOf(raw, 'status')['code'], STATUS_NAMES) === STATUS_ERROR;
}

/** The status says that a span failed; the last exception recorded on it says why. */
function errorOf(raw: RawRecord): SpanErrorInfo | undefined {
  if (!isFailed(raw)) return undefined;
  const exception = listOf(raw, 'events').findLast((event) => event['name'] === 'exception');
  const attributes = attributesOf(exception?.['attributes']);
  const name = textOf(attributes, 'exception.type');
  const stack = textOf(attributes, 'exception.stacktrace');
  const said = textOf(recordOf(raw, 'status'), 'message') ?? textOf(attributes, 'exception.message');
  return {
    message: said ?? name ?? 'the span failed',
    ...(name !== undefined && { name }),
    ...(stack !== undefined && { stack }),
  };
}

function linksOf(raw: RawRecord): SpanLink[] {
  return listOf(raw, 'links').map((link) => ({
    traceId: requiredHexId(link, 'traceId', 32),
    spanId: requiredHexId(link, 'spanId', 16),
    ...unlessEmpty('attributes', attributesOf(link['attributes'])),
  }));
}

function pointOf(event: RawRecord, at: string, { id, traceId }: ImportedSpan, shared: Shared): ImportedSpan {
  const time = eventTime(event, at);
  const attributes = attributesOf(event['attributes']);
  const name = textOf(event, 'name') ?? 'event';
  return {
    id: spanIdOf(traceId, id, name, time, JSON.stringify(attributes)),
    traceId,
    parentSpanId: id,
    name,
    type: 'generic',
    isRootSpan: false,
    isEvent: true,
    status: 'ok',
    startTime: new Date(time / 1000),
    endTime: new Date(time / 1000),
    startUnixMicro: time,
    endUnixMicro: time,
    ...shared,
    ...unlessEmpty('attributes', attributes),
  };
}

/** Tells equal events of one span apart. */
function distinct(points: ImportedSpan[]): ImportedSpan[] {
  const seen = new Map<string, number>();
  return points.map((point) => {
    const number = seen.get(point.id) ?? 0;
    seen.set(point.id, number + 1);
    return number === 0 ? point : { ...point, id: spanIdOf(point.id, number) };
  });
}

function eventTime(event: RawRecord, at: string): number {
  try {
    return requiredUnixMicro(event, 'timeUnixNano');
  } catch (error) {
    throw error instanceof BadRecord ? new BadRecord(at + error.at, error.message) : error;
  }
}

function listOf(raw: RawRecord, key: string): RawRecord[] {
  const list = raw[key];
  return Array.isArray(list) ? list.filter(isRecord) : [];
}
