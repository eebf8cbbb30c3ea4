import { type AnyExportedSpan, type Correlation, Snapshot, type SpanErrorInfo } from '../../../core/index.ts';
import { correlationIn, METADATA_KEYS, withoutCorrelation } from '../shape/correlation.ts';
import type { MastraError, MastraSpan } from '../shape/span.ts';
import { spanTypeOf } from '../shape/span-types.ts';
import { toAttributes } from './attributes.ts';
import type { Draft } from './draft.ts';

/** A span of ours from one of Mastra, plain and bounded, not yet numbered: `seq` is 0. */
export function toSpan(draft: Draft, serviceName: string | undefined): AnyExportedSpan {
  const { source, inference } = draft;
  const snapshot = new Snapshot();
  const metadata = { ...inference?.metadata, ...source.metadata };
  const error = source.errorInfo ?? inference?.errorInfo;
  const span: AnyExportedSpan = {
    id: source.id,
    traceId: source.traceId,
    ...parentOf(source),
    name: snapshot.text(source.name, 'name'),
    type: spanTypeOf(source.type),
    isRootSpan: source.isRootSpan,
    isEvent: source.isEvent,
    seq: 0,
    status: error ? 'error' : 'ok',
    ...timesOf(source),
    ...correlationOf(source, metadata, serviceName),
    ...taken(snapshot, {
      input: source.input ?? inference?.input,
      output: source.output ?? inference?.output,
      attributes: toAttributes(draft),
      metadata: restOf(metadata, source.requestContext),
      tags: source.tags,
      errorInfo: error && errorOf(error),
    }),
  };
  if (snapshot.cuts.length > 0) span.truncated = snapshot.cuts;
  return span;
}

function taken(snapshot: Snapshot, fields: Record<string, unknown>): Partial<AnyExportedSpan> {
  const present: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(fields))
    if (value !== undefined && value !== null) present[field] = snapshot.take(value, field);
  return present;
}

function parentOf({ parentSpanId, externalParentSpanId }: MastraSpan): Partial<AnyExportedSpan> {
  const parent = parentSpanId ?? externalParentSpanId;
  return parent === undefined ? {} : { parentSpanId: parent };
}

function timesOf({ startTime, endTime, isEvent }: MastraSpan) {
  const end = isEvent ? startTime : endTime;
  return {
    startTime,
    startUnixMicro: startTime.getTime() * 1000,
    ...(end && { endTime: end, endUnixMicro: end.getTime() * 1000 }),
  };
}

function correlationOf(source: MastraSpan, metadata: object, serviceName: string | undefined): Correlation {
  return {
    ...(serviceName !== undefined && { serviceName }),
    ...correlationIn(source, ['entityType', 'entityId', 'entityName']),
    ...correlationIn(metadata, METADATA_KEYS),
  };
}

/** The metadata without what has become a field of the span; undefined when nothing is left. */
function restOf(metadata: Record<string, unknown>, requestContext: object | undefined): object | undefined {
  const rest = withoutCorrelation(metadata);
  if (requestContext && Object.keys(requestContext).length > 0) rest['requestContext'] = requestContext;
  return Object.keys(rest).length > 0 ? rest : undefined;
}

function errorOf({ message, name, id, stack, domain, category, details }: MastraError): SpanErrorInfo {
  const kept = { ...details, ...(domain && { domain }), ...(category && { category }) };
  return {
    message,
    ...(name !== undefined && { name }),
    ...(id !== undefined && { code: id }),
    ...(stack !== undefined && { stack }),
    ...(Object.keys(kept).length > 0 && { details: kept }),
  };
}
