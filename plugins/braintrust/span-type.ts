import type { SpanType } from '../../core/index.ts';

/** What Braintrust calls the types of spans that we make; it refuses others, such as `agent`. */
export type RowType = 'llm' | 'score' | 'function' | 'task' | 'tool';

const TYPES: Partial<Record<SpanType, RowType>> = {
  agent_run: 'task',
  workflow_run: 'task',
  model_generation: 'llm',
  embedding: 'llm',
  tool_call: 'tool',
  mcp_tool_call: 'tool',
  scorer_run: 'score',
};

/**
 * The row type of a span type; `function` for everything without one of its own, also for types of tomorrow. A step of
 * a model call is no `llm`: its generation is, and a call must not count twice.
 */
export function rowTypeOf(type: SpanType): RowType {
  return Object.hasOwn(TYPES, type) ? TYPES[type]! : 'function';
}
