/**
 * Tokens of a model call. `inputTokens` and `outputTokens` are totals; the details are exclusive buckets: each
 * token is counted in exactly one of them, so the buckets of a side sum to its total.
 */
export interface UsageStats {
  inputTokens?: number;
  outputTokens?: number;
  inputDetails?: {
    text?: number;
    cacheRead?: number;
    cacheWrite?: number;
    audio?: number;
    image?: number;
  };
  outputDetails?: { text?: number; reasoning?: number; audio?: number; image?: number };
}

/** Money spent, in `currency` units (default USD). */
export interface Cost {
  input?: number;
  output?: number;
  total?: number;
  currency?: string;
}

/** Sampling parameters sent to a model. */
export interface ModelParameters {
  temperature?: number;
  topP?: number;
  topK?: number;
  maxOutputTokens?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  stopSequences?: string[];
  seed?: number;
  [parameter: string]: unknown;
}

interface ModelCallAttributes {
  model?: string;
  /** Such as `openai`, `anthropic`. */
  provider?: string;
  /** The model that answered, when it differs from the one asked for. */
  responseModel?: string;
  responseId?: string;
  parameters?: ModelParameters;
  usage?: UsageStats;
  cost?: Cost;
  finishReason?: string;
  streaming?: boolean;
  /** Milliseconds from the start of the span to the first token. */
  timeToFirstTokenMs?: number;
}

interface ToolAttributes {
  toolCallId?: string;
  toolType?: string;
  toolDescription?: string;
  success?: boolean;
}

interface WorkflowStepAttributes {
  stepId?: string;
  stepStatus?: string;
}

/** The attributes known for each span type; further attributes of any name are accepted beside them. */
export interface SpanAttributesByType {
  agent_run: {
    conversationId?: string;
    instructions?: string;
    availableTools?: string[];
    maxSteps?: number;
  };
  model_generation: ModelCallAttributes;
  model_step: ModelCallAttributes & { stepIndex?: number };
  model_chunk: { chunkType?: string; sequenceNumber?: number };
  tool_call: ToolAttributes;
  mcp_tool_call: ToolAttributes & { mcpServer?: string; serverVersion?: string };
  workflow_run: { workflowStatus?: string };
  workflow_step: WorkflowStepAttributes;
  workflow_conditional: { conditionCount?: number; selectedSteps?: string[] };
  workflow_parallel: { branchCount?: number; parallelSteps?: string[] };
  workflow_loop: { loopType?: 'foreach' | 'dowhile' | 'dountil'; iteration?: number };
  workflow_sleep: { durationMs?: number };
  workflow_wait_event: { eventName?: string; timeoutMs?: number; eventReceived?: boolean };
  processor_run: { processorPhase?: string; processorIndex?: number };
  scorer_run: { scorerId?: string; scorerName?: string };
  memory_operation: { operationType?: string; messageCount?: number };
  retrieval: { store?: string; topK?: number; resultCount?: number };
  embedding: { model?: string; provider?: string; dimensions?: number; usage?: UsageStats; cost?: Cost };
  generic: Record<string, unknown>;
}

/** What kind of work a span times. Use `generic` for anything without a type of its own. */
export type SpanType = keyof SpanAttributesByType;

/** The attributes of one span type, with room for others. */
export type AttributesOf<T extends SpanType> = SpanAttributesByType[T] & Record<string, unknown>;
