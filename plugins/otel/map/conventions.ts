import type { SpanType } from '../../../core/index.ts';

/** Where a value comes from: a path in the span's attributes. Where it goes: the name of an attribute. */
export type Naming = readonly (readonly [attribute: string, path: string])[];

/** One version of OpenTelemetry's GenAI conventions. */
export interface Conventions {
  /** `gen_ai.operation.name` by type; types without one are no operation of the conventions. */
  operations: Readonly<Partial<Record<SpanType, string>>>;
  /** Attributes of model and tool calls. */
  call: Naming;
  /** Attributes of the model call that reports its usage. */
  usage: Naming;
}

const OPERATIONS: Conventions['operations'] = {
  model_generation: 'chat',
  embedding: 'embeddings',
  tool_call: 'execute_tool',
  mcp_tool_call: 'execute_tool',
  agent_run: 'invoke_agent',
  workflow_run: 'invoke_workflow',
  retrieval: 'retrieval',
};

const CALL: Naming = [
  ['gen_ai.provider.name', 'provider'],
  ['gen_ai.request.model', 'model'],
  ['gen_ai.response.model', 'responseModel'],
  ['gen_ai.response.id', 'responseId'],
  ['gen_ai.request.temperature', 'parameters.temperature'],
  ['gen_ai.request.top_p', 'parameters.topP'],
  ['gen_ai.request.top_k', 'parameters.topK'],
  ['gen_ai.request.max_tokens', 'parameters.maxOutputTokens'],
  ['gen_ai.request.presence_penalty', 'parameters.presencePenalty'],
  ['gen_ai.request.frequency_penalty', 'parameters.frequencyPenalty'],
  ['gen_ai.request.stop_sequences', 'parameters.stopSequences'],
  ['gen_ai.request.seed', 'parameters.seed'],
  ['gen_ai.request.stream', 'streaming'],
  ['gen_ai.embeddings.dimension.count', 'dimensions'],
  ['gen_ai.tool.call.id', 'toolCallId'],
  ['gen_ai.tool.type', 'toolType'],
  ['gen_ai.tool.description', 'toolDescription'],
];

const USAGE: Naming = [
  ['gen_ai.usage.input_tokens', 'inputTokens'],
  ['gen_ai.usage.output_tokens', 'outputTokens'],
  ['gen_ai.usage.cache_read.input_tokens', 'inputDetails.cacheRead'],
  ['gen_ai.usage.reasoning.output_tokens', 'outputDetails.reasoning'],
];

/**
 * `1.41`: the last version of the conventions in OpenTelemetry's core repository, and of
 * `@opentelemetry/semantic-conventions/incubating`. `genai`: the repository they moved to, as of August 2026: it renamed
 * tokens written to a cache, added tokens by modality, and has no release yet.
 */
export const CONVENTIONS: Readonly<Record<'1.41' | 'genai', Conventions>> = {
  '1.41': {
    operations: OPERATIONS,
    call: CALL,
    usage: [...USAGE, ['gen_ai.usage.cache_creation.input_tokens', 'inputDetails.cacheWrite']],
  },
  genai: {
    operations: OPERATIONS,
    call: CALL,
    usage: [
      ...USAGE,
      ['gen_ai.usage.cache_write.input_tokens', 'inputDetails.cacheWrite'],
      ['gen_ai.usage.audio.input_tokens', 'inputDetails.audio'],
      ['gen_ai.usage.image.input_tokens', 'inputDetails.image'],
      ['gen_ai.usage.audio.output_tokens', 'outputDetails.audio'],
    ],
  },
};

/** Names for what no convention names: they are ours, and stay. */
export const OWN_USAGE: Naming = [
  ['obs.usage.input_tokens', 'inputTokens'],
  ['obs.usage.output_tokens', 'outputTokens'],
  ['obs.usage.text.input_tokens', 'inputDetails.text'],
  ['obs.usage.cache_read.input_tokens', 'inputDetails.cacheRead'],
  ['obs.usage.cache_write.input_tokens', 'inputDetails.cacheWrite'],
  ['obs.usage.audio.input_tokens', 'inputDetails.audio'],
  ['obs.usage.image.input_tokens', 'inputDetails.image'],
  ['obs.usage.text.output_tokens', 'outputDetails.text'],
  ['obs.usage.reasoning.output_tokens', 'outputDetails.reasoning'],
  ['obs.usage.audio.output_tokens', 'outputDetails.audio'],
  ['obs.usage.image.output_tokens', 'outputDetails.image'],
];

/** No convention has a place for money; `gen_ai.usage.cost` is what several receivers read as the total. */
export const OWN_COST: Naming = [
  ['obs.cost.input', 'input'],
  ['obs.cost.output', 'output'],
  ['obs.cost.total', 'total'],
  ['obs.cost.currency', 'currency'],
];

/** Who and what a span belongs to, by the name of its field. */
export const CORRELATION: Naming = [
  ['user.id', 'userId'],
  ['session.id', 'sessionId'],
  ['gen_ai.conversation.id', 'threadId'],
  ['obs.organization.id', 'organizationId'],
  ['obs.resource.id', 'resourceId'],
  ['obs.run.id', 'runId'],
  ['obs.request.id', 'requestId'],
  ['obs.entity.type', 'entityType'],
  ['obs.entity.id', 'entityId'],
  ['obs.entity.name', 'entityName'],
  ['obs.source', 'source'],
];
