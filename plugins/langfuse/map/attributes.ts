import type { AnyExportedSpan } from '../../../core/index.ts';
import { attributeText, nonEmptyText, recordOf } from './attribute-text.ts';
import { sanitizeEnvironment } from './environment.ts';
import { type Hints, hintsOf } from './hints.ts';
import { metadataOf } from './metadata.ts';
import { isModelCall, observationType } from './observation-type.ts';
import type { TraceContext } from './trace-contexts.ts';
import { costDetails, usageDetails } from './usage.ts';

/** The attributes of one span on the wire. None is ever empty. */
export type Attributes = Record<string, string | number | boolean | string[]>;

/** What the options say about every span. */
export interface Fixed {
  environment?: string | undefined;
  release?: string | undefined;
}

const observationKey = remembered('langfuse.observation.metadata.');
const traceKey = remembered('langfuse.trace.metadata.');

/**
 * The attributes by which Langfuse knows a span as an observation. There is no `gen_ai.*` among them: with some of
 * those, Langfuse discards model, tokens and cost.
 */
export function toAttributes(span: AnyExportedSpan, trace: TraceContext, fixed: Fixed = {}): Attributes {
  const attributes: Attributes = {};
  const hints = hintsOf(span);
  const type = observationType(span);
  attributes['langfuse.observation.type'] = type;
  putTrace(attributes, span, trace, hints, fixed);
  put(attributes, 'langfuse.observation.input', attributeText(span.input));
  put(attributes, 'langfuse.observation.output', attributeText(span.output));
  putLevel(attributes, span, hints);
  if (isModelCall(type)) putModelCall(attributes, span, hints);
  const metadata = metadataOf(span, hints, isModelCall(type));
  for (const key in metadata) put(attributes, observationKey(key), attributeText(metadata[key]));
  return attributes;
}

function put(attributes: Attributes, key: string, value: string | number | boolean | undefined): void {
  if (value !== undefined && value !== '') attributes[key] = value;
}

/** A span inherits most of this from its parent; what it does not have, the root span may have said. */
function putTrace(
  attributes: Attributes,
  span: AnyExportedSpan,
  trace: TraceContext,
  hints: Hints,
  fixed: Fixed,
): void {
  // Where the trace began elsewhere, the entry into it has a parent that Langfuse may never see.
  if (span.isRootSpan) attributes['langfuse.internal.is_app_root'] = true;
  put(attributes, 'langfuse.trace.name', trace.name);
  put(attributes, 'user.id', span.userId ?? trace.userId);
  put(attributes, 'session.id', span.sessionId ?? span.threadId ?? trace.sessionId);
  const tags = tagsOf(span, trace);
  if (tags.length > 0) attributes['langfuse.trace.tags'] = tags;
  const environment = fixed.environment ?? span.environment ?? trace.environment;
  put(attributes, 'langfuse.environment', sanitizeEnvironment(environment));
  put(attributes, 'langfuse.release', trace.release ?? fixed.release);
  put(attributes, 'langfuse.version', hints.version);
  put(attributes, 'langfuse.trace.public', trace.isPublic);
  for (const key in trace.metadata) put(attributes, traceKey(key), trace.metadata[key]);
}

function tagsOf({ tags }: AnyExportedSpan, trace: TraceContext): string[] {
  if (!tags?.length && !trace.tags) return [];
  return [...new Set([...(trace.tags ?? []), ...(tags ?? [])])].filter((tag) => tag !== '');
}

function putLevel(attributes: Attributes, span: AnyExportedSpan, hints: Hints): void {
  const isError = span.status === 'error' || span.errorInfo !== undefined;
  put(attributes, 'langfuse.observation.level', isError ? 'ERROR' : hints.level);
  const message = isError
    ? (nonEmptyText(span.errorInfo?.message) ?? hints.statusMessage)
    : hints.statusMessage;
  put(attributes, 'langfuse.observation.status_message', message);
}

function putModelCall(attributes: Attributes, span: AnyExportedSpan, { prompt }: Hints): void {
  const { model, responseModel, parameters, usage, cost, timeToFirstTokenMs } = span.attributes ?? {};
  put(attributes, 'langfuse.observation.model.name', nonEmptyText(responseModel) ?? nonEmptyText(model));
  put(attributes, 'langfuse.observation.model.parameters', attributeText(recordOf(parameters)));
  put(attributes, 'langfuse.observation.usage_details', attributeText(usageDetails(usage)));
  put(attributes, 'langfuse.observation.cost_details', attributeText(costDetails(cost)));
  const firstToken = firstTokenAt(span.startUnixMicro, timeToFirstTokenMs);
  put(attributes, 'langfuse.observation.completion_start_time', firstToken);
  if (!prompt) return;
  attributes['langfuse.observation.prompt.name'] = prompt.name;
  attributes['langfuse.observation.prompt.version'] = prompt.version;
}

function firstTokenAt(startUnixMicro: number, afterMs: unknown): string | undefined {
  if (typeof afterMs !== 'number' || !(afterMs >= 0)) return undefined;
  const at = new Date(startUnixMicro / 1000 + afterMs);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** Keys that are remembered; programs use few, data may bring any number. */
const MAX_KEYS = 1_000;

/** Puts a prefix before keys. The same keys come in span after span, and a new text as key of an object is slow. */
function remembered(prefix: string): (key: string) => string {
  const known = new Map<string, string>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = `${prefix}${key}`;
    if (known.size < MAX_KEYS) known.set(key, made);
    return made;
  };
}
