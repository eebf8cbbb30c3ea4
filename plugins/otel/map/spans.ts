import type { AnyExportedSpan, Cut } from '../../../core/index.ts';
import type { OtlpSpan, OtlpSpanEvent, OtlpSpanKind } from '../encoder.ts';
import { CONVENTIONS } from './conventions.ts';
import { genAiAttributes } from './gen-ai.ts';
import { openInferenceAttributes } from './openinference.ts';
import type { ResourceMap } from './origin.ts';
import { flat, isRecord, json, type PlainRecord, put } from './plain.ts';

/** Whose names spans are written in. */
export interface SpanStyle {
  attributes: 'gen_ai' | 'openinference';
  conventions: keyof typeof CONVENTIONS;
}

/** Makes the function that turns a span of ours into one of OTLP. */
export function spanMap(style: SpanStyle, resources: ResourceMap): (span: AnyExportedSpan) => OtlpSpan {
  const isGenAi = style.attributes === 'gen_ai';
  const attributesOf = isGenAi ? genAiAttributes(style.conventions) : openInferenceAttributes;
  return (span) => {
    const otel = isRecord(span.metadata?.['otel']) ? span.metadata['otel'] : {};
    const attributes = attributesOf(span);
    if (isGenAi) addMetadata(attributes, span);
    const name = isGenAi ? conventionalName(span, style) : span.name;
    if (name !== span.name) attributes['obs.span.name'] = span.name;
    addCuts(attributes, span.truncated);
    const resource = resources.of(span, span.metadata);
    const { traceState } = otel;
    if (span.errorInfo) attributes['error.type'] = span.errorInfo.name ?? span.errorInfo.code ?? '_OTHER';
    return {
      span,
      attributes,
      name,
      kind: kindOf(span, otel['kind']),
      events: span.errorInfo ? [exception(span, span.errorInfo)] : [],
      ...(typeof traceState === 'string' && { traceState }),
      ...(resource && { resource }),
    };
  };
}

function addMetadata(attributes: PlainRecord, { metadata = {}, tags }: AnyExportedSpan): void {
  for (const key of Object.keys(metadata))
    if (key !== 'otel') put(attributes, `obs.metadata.${key}`, flat(metadata[key]));
  if (tags && tags.length > 0) attributes['obs.tags'] = tags;
}

/** What the size limits cut away is said on the wire too. */
export function addCuts(attributes: PlainRecord, cuts: readonly Cut[] | undefined): void {
  if (!cuts || cuts.length === 0) return;
  attributes['obs.truncated'] = true;
  attributes['obs.truncated.paths'] = cuts.map(({ path }) => path);
}

/** `chat m-1`, `execute_tool search`, `invoke_agent support`: the conventions' form; other spans keep their name. */
function conventionalName(span: AnyExportedSpan, { conventions }: SpanStyle): string {
  const operation = CONVENTIONS[conventions].operations[span.type];
  if (!operation) return span.name;
  const { model } = (span.attributes ?? {}) as { model?: unknown };
  const isModel = span.type === 'model_generation' || span.type === 'embedding';
  const target = isModel ? model : (span.entityName ?? span.name);
  if (typeof target !== 'string' || target === '') return operation;
  return target.startsWith(`${operation} `) ? target : `${operation} ${target}`;
}

const CLIENTS = new Set<string>(['model_generation', 'embedding', 'mcp_tool_call']);
const KINDS = new Set<unknown>(['internal', 'server', 'client', 'producer', 'consumer']);

/** An imported span has its kind; of ours, those that call another service are clients. */
function kindOf({ type }: AnyExportedSpan, given: unknown): OtlpSpanKind {
  if (KINDS.has(given)) return given as OtlpSpanKind;
  return CLIENTS.has(type) ? 'client' : 'internal';
}

function exception(
  { endUnixMicro, startUnixMicro }: AnyExportedSpan,
  { message, name, stack, code, details }: NonNullable<AnyExportedSpan['errorInfo']>,
): OtlpSpanEvent {
  return {
    name: 'exception',
    timeUnixMicro: endUnixMicro ?? startUnixMicro,
    attributes: {
      'exception.message': message,
      'exception.type': name,
      'exception.stacktrace': stack,
      'obs.error.code': code,
      'obs.error.details': details && json(details),
    },
  };
}
