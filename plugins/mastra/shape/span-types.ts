import type { SpanType } from '../../../core/index.ts';

/** The attribute of a span of ours that keeps Mastra's type where ours says less. */
export const MASTRA_SPAN_TYPE = 'mastraSpanType';

/** Mastra's types that have another name here; all others of ours have the same name there. */
const OURS: Record<string, SpanType> = {
  model_inference: 'model_step',
  provider_tool_call: 'tool_call',
  client_tool_call: 'tool_call',
  rag_embedding: 'embedding',
  rag_vector_operation: 'retrieval',
};

const SAME_NAME = new Set<string>([
  'agent_run',
  'model_generation',
  'model_step',
  'model_chunk',
  'tool_call',
  'mcp_tool_call',
  'workflow_run',
  'workflow_step',
  'workflow_conditional',
  'workflow_parallel',
  'workflow_loop',
  'workflow_sleep',
  'workflow_wait_event',
  'processor_run',
  'scorer_run',
  'memory_operation',
  'generic',
] satisfies SpanType[]);

/** Our type for one of Mastra's: the same, the nearest, or `generic`. */
export function spanTypeOf(mastraType: string): SpanType {
  return SAME_NAME.has(mastraType) ? (mastraType as SpanType) : (OURS[mastraType] ?? 'generic');
}

/** True when {@link spanTypeOf} says less than Mastra's type did. */
export function isNarrowed(mastraType: string): boolean {
  return !SAME_NAME.has(mastraType);
}

/** Mastra's type for one of ours; a type of which nothing is known there is `generic`. */
export function mastraTypeOf(type: string): string {
  if (SAME_NAME.has(type)) return type;
  if (type === 'embedding') return 'rag_embedding';
  return type === 'retrieval' ? 'rag_vector_operation' : 'generic';
}
