import { CORRELATION_KEYS, type ExportedSpan } from '../../core/index.ts';
import { isUsageCovered } from './metrics.ts';
import { rowTypeOf } from './span-type.ts';

/** Braintrust's own views read `session_id`, `user_id` and parameters under the names of the OpenAI API. */
const PARAMETER_NAMES = new Map([
  ['topP', 'top_p'],
  ['topK', 'top_k'],
  ['maxOutputTokens', 'max_tokens'],
  ['presencePenalty', 'presence_penalty'],
  ['frequencyPenalty', 'frequency_penalty'],
  ['stopSequences', 'stop'],
]);

const CORRELATION_NAMES = CORRELATION_KEYS.map(
  (key) => [key, key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] as const,
);

/**
 * Everything about a span that has no field of its own in a row, by documented names; undefined when there is nothing.
 * Where the span's own metadata has a key of these too, its value is kept below `metadata.metadata`. Tags of a span that is no root are here, since Braintrust takes them on roots only.
 */
export function metadataOf(span: ExportedSpan): Record<string, unknown> | undefined {
  const facts = factsOf(span);
  const { metadata = {} } = span;
  const all = { ...metadata, ...facts };
  const isShadowed = (key: string) => Object.hasOwn(facts, key) || key === 'metadata';
  const shadowed = Object.entries(metadata).filter(([key]) => isShadowed(key));
  if (shadowed.length > 0) all['metadata'] = Object.fromEntries(shadowed);
  return Object.keys(all).length > 0 ? all : undefined;
}

function factsOf(span: ExportedSpan): Record<string, unknown> {
  const facts: Record<string, unknown> = modelFacts(span);
  for (const [key, name] of CORRELATION_NAMES) if (span[key] !== undefined) facts[name] = span[key];
  if (span.errorInfo) facts['error'] = detailsOf(span.errorInfo);
  if (span.scope) facts['scope'] = span.scope;
  if (span.links && span.links.length > 0) facts['links'] = span.links;
  if (span.isEvent) facts['is_event'] = true;
  if (span.tags && span.tags.length > 0 && span.parentSpanId !== undefined) facts['tags'] = span.tags;
  if (span.truncated && span.truncated.length > 0) facts['obs_truncated'] = span.truncated;
  addParameters(facts, (span.attributes as Record<string, unknown> | undefined)?.['parameters']);
  return facts;
}

/** Model and provider under their names, all other attributes together. */
function modelFacts({ type, attributes }: ExportedSpan): Record<string, unknown> {
  if (attributes === undefined) return {};
  const { model, provider, parameters: _, usage, ...others } = attributes as Record<string, unknown>;
  const facts: Record<string, unknown> = {};
  if (usage !== undefined && !(rowTypeOf(type) === 'llm' && isUsageCovered(usage))) others['usage'] = usage;
  if (model !== undefined) facts['model'] = model;
  if (provider !== undefined) facts['provider'] = provider;
  if (Object.keys(others).length > 0) facts['attributes'] = others;
  return facts;
}

/** Parameters beside the model, where Braintrust reads them; one whose name is taken stays with the attributes. */
function addParameters(facts: Record<string, unknown>, parameters: unknown): void {
  if (parameters === undefined) return;
  const isOwn = (name: string) => Object.hasOwn(facts, name) || name === 'metadata' || name === 'attributes';
  const left: Record<string, unknown> = {};
  for (const [key, value] of isRecord(parameters) ? Object.entries(parameters) : []) {
    const name = PARAMETER_NAMES.get(key) ?? key;
    if (isOwn(name)) left[key] = value;
    else facts[name] = value;
  }
  const rest = isRecord(parameters) ? left : parameters;
  if (!isRecord(rest) || Object.keys(rest).length > 0)
    facts['attributes'] = { ...(facts['attributes'] as object | undefined), parameters: rest };
}

function detailsOf({ message: _, ...details }: NonNullable<ExportedSpan['errorInfo']>): object {
  return details;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
