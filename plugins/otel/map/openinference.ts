import type { AnyExportedSpan, SpanType } from '../../../core/index.ts';
import { CORRELATION } from './conventions.ts';
import { inputMessages, outputMessages } from './messages.ts';
import { at, flat, isRecord, json, type PlainRecord, put, text } from './plain.ts';

const KINDS: Partial<Record<SpanType, string>> = {
  model_generation: 'LLM',
  model_step: 'CHAIN',
  agent_run: 'AGENT',
  tool_call: 'TOOL',
  mcp_tool_call: 'TOOL',
  retrieval: 'RETRIEVER',
  embedding: 'EMBEDDING',
  scorer_run: 'EVALUATOR',
  processor_run: 'GUARDRAIL',
};

/** Attributes of a model call by their path in the span's attributes. */
export const LLM_ATTRIBUTES = [
  ['llm.provider', 'provider'],
  ['llm.token_count.prompt', 'usage.inputTokens'],
  ['llm.token_count.completion', 'usage.outputTokens'],
  ['llm.token_count.prompt_details.cache_read', 'usage.inputDetails.cacheRead'],
  ['llm.token_count.prompt_details.cache_write', 'usage.inputDetails.cacheWrite'],
  ['llm.token_count.prompt_details.audio', 'usage.inputDetails.audio'],
  ['llm.token_count.completion_details.reasoning', 'usage.outputDetails.reasoning'],
  ['llm.token_count.completion_details.audio', 'usage.outputDetails.audio'],
  ['llm.cost.prompt', 'cost.input'],
  ['llm.cost.completion', 'cost.output'],
  ['llm.cost.total', 'cost.total'],
] as const;

/** The types whose usage counts, see the GenAI names. */
const CALL_TYPES = new Set<SpanType>(['model_generation', 'embedding']);
/** Attributes that have a name on spans of these types; on others they go into the metadata. */
const CALL_FIELDS = new Set(['model', 'provider', 'responseModel', 'usage', 'cost', 'parameters']);
const TOOL_FIELDS = new Set(['toolCallId', 'toolDescription']);
const NO_FIELDS = new Set<string>();
const PLACES = LLM_ATTRIBUTES.map(([attribute, path]) => [attribute, path.split('.')] as const);

/** Writes the attributes of a span in OpenInference's names, which Arize and Phoenix read. */
export function openInferenceAttributes(span: AnyExportedSpan): PlainRecord {
  const given: PlainRecord = span.attributes ?? {};
  const named: PlainRecord = {
    'openinference.span.kind': KINDS[span.type] ?? 'CHAIN',
    'obs.span.type': span.type,
  };
  for (const [attribute, field] of CORRELATION) {
    const value = (span as unknown as PlainRecord)[field];
    put(named, attribute === 'gen_ai.conversation.id' ? 'obs.thread.id' : attribute, value);
  }
  addContent(named, 'input', span.input);
  addContent(named, 'output', span.output);
  addKind(named, span, given);
  addMetadata(named, span, given);
  return named;
}

function addContent(named: PlainRecord, side: 'input' | 'output', value: unknown): void {
  if (value === undefined || value === null) return;
  named[`${side}.value`] = text(value);
  named[`${side}.mime_type`] = typeof value === 'string' ? 'text/plain' : 'application/json';
}

function addKind(named: PlainRecord, span: AnyExportedSpan, given: PlainRecord): void {
  const { model, responseModel, parameters, toolCallId, toolDescription } = given;
  const isTool = KINDS[span.type] === 'TOOL';
  if (isTool) {
    put(named, 'tool.name', span.entityName ?? span.name);
    put(named, 'tool.description', toolDescription);
    put(named, 'tool.id', toolCallId);
    put(named, 'tool.parameters', text(span.input));
  }
  if (span.type === 'agent_run') put(named, 'agent.name', span.entityName ?? span.name);
  if (span.type === 'embedding') put(named, 'embedding.model_name', model);
  if (!CALL_TYPES.has(span.type)) return;
  for (const [attribute, path] of PLACES) put(named, attribute, at(given, path));
  if (span.type === 'embedding') return;
  put(named, 'llm.model_name', responseModel ?? model);
  if (isRecord(parameters)) named['llm.invocation_parameters'] = json(parameters);
  addMessages(named, 'llm.input_messages', inputMessages(span.input));
  addMessages(named, 'llm.output_messages', outputMessages(span.output, undefined));
}

function addMessages(named: PlainRecord, prefix: string, messages: ReturnType<typeof inputMessages>): void {
  messages?.forEach(({ role, parts }, index) => {
    const message = `${prefix}.${index}.message`;
    named[`${message}.role`] = role;
    const texts = parts.flatMap(({ type, content }) => (type === 'text' ? [String(content)] : []));
    if (texts.length > 0) named[`${message}.content`] = texts.join('\n');
    parts
      .filter(({ type }) => type === 'tool_call')
      .forEach(({ id, name, arguments: given }, call) => {
        const at = `${message}.tool_calls.${call}.tool_call`;
        put(named, `${at}.id`, id);
        put(named, `${at}.function.name`, name);
        put(named, `${at}.function.arguments`, text(given));
      });
  });
}

/** One JSON text for all that has no name here. */
function addMetadata(
  named: PlainRecord,
  { metadata, type, tags }: AnyExportedSpan,
  given: PlainRecord,
): void {
  const written = KINDS[type] === 'TOOL' ? TOOL_FIELDS : CALL_TYPES.has(type) ? CALL_FIELDS : NO_FIELDS;
  const free = Object.entries(given).filter(([key]) => !written.has(key));
  const { otel: _, ...own } = metadata ?? {};
  const all = { ...Object.fromEntries(free), ...own };
  if (Object.keys(all).length > 0) named['metadata'] = json(all);
  if (tags && tags.length > 0) named['tag.tags'] = tags;
  put(named, 'obs.finish_reason', flat(given['finishReason']));
}
