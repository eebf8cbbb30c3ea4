import type { AnyExportedSpan, SpanType } from '../../../core/index.ts';

/** The types of an observation. Langfuse guesses the type of any other, so one of these is always sent. */
export type ObservationType =
  | 'span'
  | 'generation'
  | 'event'
  | 'embedding'
  | 'agent'
  | 'tool'
  | 'chain'
  | 'retriever'
  | 'evaluator';

/**
 * A model step is a plain span: the generation around it reports the tokens of all its steps, and Langfuse sums over
 * every observation that reports any.
 */
const TYPES: Record<SpanType, ObservationType> = {
  agent_run: 'agent',
  model_generation: 'generation',
  model_step: 'span',
  model_chunk: 'span',
  tool_call: 'tool',
  mcp_tool_call: 'tool',
  workflow_run: 'chain',
  workflow_step: 'chain',
  workflow_conditional: 'chain',
  workflow_parallel: 'chain',
  workflow_loop: 'chain',
  workflow_sleep: 'span',
  workflow_wait_event: 'span',
  processor_run: 'span',
  scorer_run: 'evaluator',
  memory_operation: 'span',
  retrieval: 'retriever',
  embedding: 'embedding',
  generic: 'span',
};

/** The type of a span's observation; a type of span that is not known is a plain span. */
export function observationType({ type, isEvent }: AnyExportedSpan): ObservationType {
  if (isEvent) return 'event';
  return Object.hasOwn(TYPES, type) ? TYPES[type] : 'span';
}

/** True for the observations that report model, tokens and cost. */
export function isModelCall(type: ObservationType): boolean {
  return type === 'generation' || type === 'embedding';
}
