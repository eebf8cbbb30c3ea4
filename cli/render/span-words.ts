import type { ExportedSpan, SpanErrorInfo, SpanType } from '../../core/index.ts';
import { cost, duration, tokens } from './amounts.ts';
import { costOf, usageOf } from './totals.ts';

const KINDS: Partial<Record<SpanType, string>> = {
  agent_run: 'agent',
  model_generation: 'llm',
  model_step: 'llm step',
  model_chunk: 'chunk',
  tool_call: 'tool',
  mcp_tool_call: 'mcp tool',
  workflow_run: 'workflow',
  processor_run: 'processor',
  scorer_run: 'scorer',
  memory_operation: 'memory',
  generic: '',
};

/** The word for a span's type before its name; empty for a generic one. */
export function kindOf({ type }: ExportedSpan): string {
  return KINDS[type] ?? type.replace('workflow_', '').replaceAll('_', ' ');
}

/** How long a span took; empty for a point in time, `running` for one that has not ended. */
export function durationOf({ isEvent, startUnixMicro, endUnixMicro }: ExportedSpan): string {
  if (isEvent) return '';
  return endUnixMicro === undefined ? 'running' : duration(endUnixMicro - startUnixMicro);
}

/** Tokens in and out, and cost, of one span: `1.9k>212 tok  $0.0092`. */
export function usageNote(span: ExportedSpan): string {
  const usage = usageOf(span);
  const spent = costOf(span);
  const notes: string[] = [];
  if (usage) notes.push(`${tokens(usage.inputTokens ?? 0)}>${tokens(usage.outputTokens ?? 0)} tok`);
  if (spent) notes.push(cost(spent.amount, spent.currency));
  return notes.join('  ');
}

/** An error in one line: its class and its message. */
export function errorLine({ name, message }: SpanErrorInfo): string {
  return name === undefined || message.startsWith(`${name}:`) ? message : `${name}: ${message}`;
}
