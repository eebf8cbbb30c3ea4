import type { SpanType } from '../../core/index.ts';

/** What Braintrust calls the types of spans that we make; it refuses others, such as `agent`. */
export type RowType = 'llm' | 'score' | 'function' | 'task' | 'tool';

const TYPES: Partial<Record<SpanType, RowType>> = {
  agent_run: 'task',
  workflow_run: 'task',
  workflow_step: 'task',
  workflow_conditional: 'task',
  workflow_parallel: 'task',
  workflow_loop: 'task',
  model_generation: 'llm',
  embedding: 'llm',
  tool_call: 'tool',
  mcp_tool_call: 'tool',
  scorer_run: 'score',
};

/** The row type of a span type; `function` for everything without one of its own, also for types of tomorrow. */
export function rowTypeOf(type: SpanType): RowType {
  return Object.hasOwn(TYPES, type) ? TYPES[type]! : 'function';
}
