import type { SpanType } from '../../core/index.ts';
import { decodeEmbedded } from './embedded-json.ts';
import { isRecord } from './record.ts';

/** Reads a value in one way; undefined: not usable. */
export type Reading = (value: unknown) => unknown;

/** Attribute, how it is read, and where its value goes: a dotted path. */
export type Placement = readonly (readonly [attribute: string, reading: Reading, place: string])[];

const text: Reading = (value) => (typeof value === 'string' && value !== '' ? value : undefined);
const number: Reading = (value) => {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
};
const anything: Reading = decodeEmbedded;
const texts: Reading = (value) => {
  const list = decodeEmbedded(value);
  return Array.isArray(list) && list.every((entry) => typeof entry === 'string') ? list : undefined;
};
const onlyText: Reading = (value) => {
  const list = texts(value) as string[] | undefined;
  return list?.length === 1 ? list[0] : undefined;
};
const record: Reading = (value) => {
  const decoded = decodeEmbedded(value);
  return isRecord(decoded) ? decoded : undefined;
};

/**
 * Attributes of model and tool calls. `gen_ai`: OpenTelemetry's GenAI conventions, with their older names;
 * `llm`, `embedding`: OpenInference; `ai`: the Vercel AI SDK.
 */
export const CALL_ATTRIBUTES: Placement = [
  ['gen_ai.request.model', text, 'model'],
  ['llm.model_name', text, 'model'],
  ['embedding.model_name', text, 'model'],
  ['ai.model.id', text, 'model'],
  ['gen_ai.response.model', text, 'responseModel'],
  ['ai.response.model', text, 'responseModel'],
  ['gen_ai.provider.name', text, 'provider'],
  ['gen_ai.system', text, 'provider'],
  ['llm.provider', text, 'provider'],
  ['llm.system', text, 'provider'],
  ['ai.model.provider', text, 'provider'],
  ['gen_ai.response.id', text, 'responseId'],
  ['ai.response.id', text, 'responseId'],
  ['gen_ai.response.finish_reasons', onlyText, 'finishReason'],
  ['ai.response.finishReason', text, 'finishReason'],
  ['ai.response.msToFirstChunk', number, 'timeToFirstTokenMs'],
  ['llm.invocation_parameters', record, 'parameters'],
  ['gen_ai.request.temperature', number, 'parameters.temperature'],
  ['gen_ai.request.top_p', number, 'parameters.topP'],
  ['gen_ai.request.top_k', number, 'parameters.topK'],
  ['gen_ai.request.max_tokens', number, 'parameters.maxOutputTokens'],
  ['gen_ai.request.presence_penalty', number, 'parameters.presencePenalty'],
  ['gen_ai.request.frequency_penalty', number, 'parameters.frequencyPenalty'],
  ['gen_ai.request.stop_sequences', texts, 'parameters.stopSequences'],
  ['gen_ai.request.seed', number, 'parameters.seed'],
  ['gen_ai.usage.input_tokens', number, 'usage.inputTokens'],
  ['gen_ai.usage.prompt_tokens', number, 'usage.inputTokens'],
  ['llm.token_count.prompt', number, 'usage.inputTokens'],
  ['ai.usage.inputTokens', number, 'usage.inputTokens'],
  ['ai.usage.promptTokens', number, 'usage.inputTokens'],
  ['gen_ai.usage.output_tokens', number, 'usage.outputTokens'],
  ['gen_ai.usage.completion_tokens', number, 'usage.outputTokens'],
  ['llm.token_count.completion', number, 'usage.outputTokens'],
  ['ai.usage.outputTokens', number, 'usage.outputTokens'],
  ['ai.usage.completionTokens', number, 'usage.outputTokens'],
  ['gen_ai.usage.cache_read.input_tokens', number, 'usage.inputDetails.cacheRead'],
  ['llm.token_count.prompt_details.cache_read', number, 'usage.inputDetails.cacheRead'],
  ['ai.usage.cachedInputTokens', number, 'usage.inputDetails.cacheRead'],
  ['gen_ai.usage.cache_creation.input_tokens', number, 'usage.inputDetails.cacheWrite'],
  ['llm.token_count.prompt_details.cache_write', number, 'usage.inputDetails.cacheWrite'],
  ['llm.token_count.prompt_details.audio', number, 'usage.inputDetails.audio'],
  ['gen_ai.usage.reasoning.output_tokens', number, 'usage.outputDetails.reasoning'],
  ['llm.token_count.completion_details.reasoning', number, 'usage.outputDetails.reasoning'],
  ['ai.usage.reasoningTokens', number, 'usage.outputDetails.reasoning'],
  ['llm.token_count.completion_details.audio', number, 'usage.outputDetails.audio'],
  ['llm.cost.prompt', number, 'cost.input'],
  ['llm.cost.completion', number, 'cost.output'],
  ['llm.cost.total', number, 'cost.total'],
  ['gen_ai.usage.cost', number, 'cost.total'],
  ['gen_ai.tool.call.id', text, 'toolCallId'],
  ['ai.toolCall.id', text, 'toolCallId'],
  ['gen_ai.tool.type', text, 'toolType'],
  ['gen_ai.tool.description', text, 'toolDescription'],
];

/** What went in and came out, and what the user attached. */
export const CONTENT_ATTRIBUTES: Placement = [
  ['gen_ai.input.messages', anything, 'input'],
  ['gen_ai.tool.call.arguments', anything, 'input'],
  ['gen_ai.prompt', anything, 'input'],
  ['input.value', anything, 'input'],
  ['ai.prompt', anything, 'input'],
  ['ai.prompt.messages', anything, 'input'],
  ['ai.toolCall.args', anything, 'input'],
  ['gen_ai.output.messages', anything, 'output'],
  ['gen_ai.tool.call.result', anything, 'output'],
  ['gen_ai.completion', anything, 'output'],
  ['output.value', anything, 'output'],
  ['ai.response.text', anything, 'output'],
  ['ai.response.toolCalls', anything, 'output'],
  ['ai.toolCall.result', anything, 'output'],
  ['tag.tags', texts, 'tags'],
  ['metadata', record, 'metadata'],
];

/** Who and what a span belongs to. */
export const CORRELATION_ATTRIBUTES: Placement = [
  ['user.id', text, 'userId'],
  ['enduser.id', text, 'userId'],
  ['session.id', text, 'sessionId'],
  ['gen_ai.conversation.id', text, 'threadId'],
  ['gen_ai.agent.id', text, 'entityId'],
  ['gen_ai.agent.name', text, 'entityName'],
  ['gen_ai.tool.name', text, 'entityName'],
  ['tool.name', text, 'entityName'],
  ['ai.toolCall.name', text, 'entityName'],
];

/** Attributes that name the kind of work. They stay, since their words are finer than our types. */
export const TYPE_ATTRIBUTES: Record<string, Record<string, SpanType>> = {
  'gen_ai.operation.name': {
    chat: 'model_generation',
    text_completion: 'model_generation',
    generate_content: 'model_generation',
    embeddings: 'embedding',
    execute_tool: 'tool_call',
    invoke_agent: 'agent_run',
    create_agent: 'agent_run',
    invoke_workflow: 'workflow_run',
    retrieval: 'retrieval',
  },
  'openinference.span.kind': {
    LLM: 'model_generation',
    AGENT: 'agent_run',
    TOOL: 'tool_call',
    CHAIN: 'workflow_run',
    RETRIEVER: 'retrieval',
    RERANKER: 'retrieval',
    EMBEDDING: 'embedding',
    GUARDRAIL: 'processor_run',
    EVALUATOR: 'scorer_run',
  },
  'ai.operationId': {
    'ai.generateText.doGenerate': 'model_generation',
    'ai.streamText.doStream': 'model_generation',
    'ai.generateObject.doGenerate': 'model_generation',
    'ai.streamObject.doStream': 'model_generation',
    'ai.embed.doEmbed': 'embedding',
    'ai.embedMany.doEmbed': 'embedding',
    'ai.toolCall': 'tool_call',
  },
};
