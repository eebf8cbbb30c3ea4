import { isDeepStrictEqual } from 'node:util';
import type { ExportedSpan } from '../../core/index.ts';
import { exportedSpan, OTLP_SPANS, SPAN_KINDS } from '../import/otlp-traces.ts';
import { OWN_FIELDS, OWN_FIELDS_ATTRIBUTE } from '../import/own-fields.ts';
import { type RawRecord, textOf } from '../import/record.ts';
import { conventionalAttributes } from './otlp-attributes.ts';
import { attributeList, nanosOf, nestedBy, type Origin, otelOf } from './otlp-values.ts';

/** An OTLP request with these spans. */
export function traceRequest(spans: readonly ExportedSpan[]): RawRecord {
  return nestedBy(spans, originOf, OTLP_SPANS, encodeSpan);
}

function originOf({ serviceName, environment, scope, metadata }: ExportedSpan): Origin {
  const { resource } = otelOf(metadata);
  return {
    ...(serviceName !== undefined && { serviceName }),
    ...(environment !== undefined && { environment }),
    ...(scope && { scope }),
    resource: (resource ?? {}) as RawRecord,
  };
}

/** One span. What would come back changed is added as it was, in one attribute that the import understands. */
function encodeSpan(span: ExportedSpan): RawRecord {
  const frame = frameOf(span);
  const attributes = conventionalAttributes(span);
  const own = JSON.stringify(ownFieldsOf(span, frame, attributes));
  return { ...frame, attributes: attributeList({ ...attributes, [OWN_FIELDS_ATTRIBUTE]: own }) };
}

/** All of a span but its attributes. */
function frameOf(span: ExportedSpan): RawRecord {
  const { parentSpanId, endUnixMicro, links, errorInfo, metadata } = span;
  const otel = otelOf(metadata);
  const kind = SPAN_KINDS.indexOf(String(otel['kind'])) + 1;
  const traceState = textOf(otel, 'traceState');
  return {
    traceId: span.traceId,
    spanId: span.id,
    ...(parentSpanId !== undefined && { parentSpanId }),
    ...(traceState !== undefined && { traceState }),
    name: span.name,
    ...(kind > 0 && { kind }),
    startTimeUnixNano: nanosOf(span.startUnixMicro),
    ...(endUnixMicro !== undefined && { endTimeUnixNano: nanosOf(endUnixMicro) }),
    ...(links && {
      links: links.map(({ attributes, ...link }) => ({
        ...link,
        ...(attributes && { attributes: attributeList(attributes) }),
      })),
    }),
    ...(errorInfo && { events: [exceptionEvent(span, errorInfo)] }),
    ...statusOf(span, otel),
  };
}

function statusOf({ status, errorInfo }: ExportedSpan, otel: RawRecord): RawRecord {
  const message = errorInfo?.message ?? textOf(otel, 'statusMessage');
  const code = status === 'error' ? 2 : status === 'ok' ? 1 : 0;
  return { status: { code, ...(message !== undefined && { message }) } };
}

function exceptionEvent(
  { startUnixMicro, endUnixMicro = startUnixMicro }: ExportedSpan,
  { name, message, stack }: NonNullable<ExportedSpan['errorInfo']>,
): RawRecord {
  const attributes = {
    ...(name !== undefined && { 'exception.type': name }),
    'exception.message': message,
    ...(stack !== undefined && { 'exception.stacktrace': stack }),
  };
  return { timeUnixNano: nanosOf(endUnixMicro), name: 'exception', attributes: attributeList(attributes) };
}

/** The fields that an import would not bring back as they are; null for one that the span lacks. */
function ownFieldsOf(span: ExportedSpan, frame: RawRecord, attributes: RawRecord): RawRecord {
  const { resource, scope } = originOf(span);
  const group = { correlation: { source: 'otlp' }, resource, raw: [], ...(scope && { scope }) };
  const back = exportedSpan(frame, { ...attributes }, group, () => true) as unknown as RawRecord;
  const own: RawRecord = { type: span.type, isRootSpan: span.isRootSpan };
  for (const key of OWN_FIELDS) {
    if (!isDeepStrictEqual(span[key], back[key])) own[key] = span[key] ?? null;
  }
  return own;
}
