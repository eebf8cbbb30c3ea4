import type { AnyExportedSpan } from '../../../core/index.ts';
import { contentAttributes } from './content.ts';
import {
  CONVENTIONS,
  CORRELATION,
  type Conventions,
  type Naming,
  OWN_COST,
  OWN_USAGE,
} from './conventions.ts';
import { type NameTree, nameTree, putAll } from './name-tree.ts';
import { flat, isRecord, type PlainRecord, put } from './plain.ts';

/** Writes the attributes of spans in OpenTelemetry's GenAI names; what these have no word for is in `obs.*`. */
export function genAiAttributes(version: keyof typeof CONVENTIONS): (span: AnyExportedSpan) => PlainRecord {
  const { operations, call, usage } = CONVENTIONS[version];
  const calls = nameTree(call);
  const usages = nameTree([...withoutNames(usage), ...usage]);
  return (span) => {
    const given: PlainRecord = span.attributes ?? {};
    const named: PlainRecord = { 'obs.span.type': span.type };
    put(named, 'gen_ai.operation.name', operations[span.type]);
    for (const [attribute, field] of CORRELATION) put(named, attribute, fieldOf(span, field));
    addEntity(named, span, operations);
    putAll(named, given, calls, (path, value) => addFree(named, path, value));
    addModelCall(named, span, given, usages);
    Object.assign(named, contentAttributes(span));
    return named;
  };
}

function fieldOf(span: AnyExportedSpan, field: string): unknown {
  return (span as unknown as PlainRecord)[field];
}

/** Our names for what the conventions have none for. */
function withoutNames(usage: Naming): Naming {
  const named = new Set(usage.map(([, path]) => path));
  return OWN_USAGE.filter(([, path]) => !named.has(path));
}

const OWN_USAGE_NAMES = nameTree(OWN_USAGE);
const OWN_COST_NAMES = nameTree(OWN_COST);

/** The agent, tool or workflow of a span, by the name that its kind has. */
function addEntity(named: PlainRecord, span: AnyExportedSpan, operations: Conventions['operations']): void {
  const name = span.entityName ?? span.name;
  if (span.type === 'agent_run') {
    put(named, 'gen_ai.agent.id', span.entityId);
    put(named, 'gen_ai.agent.name', name);
  }
  if (operations[span.type] === 'execute_tool') put(named, 'gen_ai.tool.name', name);
  if (span.type === 'workflow_run') put(named, 'gen_ai.workflow.name', name);
}

/** The spans whose usage counts. Those inside them, such as steps, repeat a part of it, and sums would be too high. */
const COUNTED = new Set<string>(['model_generation', 'embedding']);

function addModelCall(
  named: PlainRecord,
  span: AnyExportedSpan,
  { usage, cost, finishReason, timeToFirstTokenMs }: PlainRecord,
  usageNames: NameTree,
): void {
  const reasons = typeof finishReason === 'string' ? [finishReason] : flat(finishReason);
  put(named, 'gen_ai.response.finish_reasons', reasons);
  if (typeof timeToFirstTokenMs === 'number')
    named['gen_ai.response.time_to_first_chunk'] = timeToFirstTokenMs / 1000;
  const isCounted = COUNTED.has(span.type);
  if (!isRecord(usage)) put(named, 'obs.usage', flat(usage));
  else putAll(named, usage, isCounted ? usageNames : OWN_USAGE_NAMES, below(named, 'obs.usage'));
  if (!isRecord(cost)) put(named, 'obs.cost', flat(cost));
  else {
    if (isCounted) put(named, 'gen_ai.usage.cost', cost['total']);
    putAll(named, cost, OWN_COST_NAMES, below(named, 'obs.cost'));
  }
}

/** Writes what has no name below one of ours. */
function below(named: PlainRecord, prefix: string): (path: string, value: unknown) => void {
  return (path, value) => put(named, `${prefix}.${path}`, flat(value));
}

/** Attributes that {@link addModelCall} names. */
const NAMED = new Set(['usage', 'cost', 'finishReason', 'timeToFirstTokenMs']);

/** Attributes without a convention keep their names; parameters of a call without one are below `obs.parameters`. */
function addFree(named: PlainRecord, path: string, value: unknown): void {
  if (NAMED.has(path)) return;
  const name = path.startsWith('parameters.') ? `obs.${path}` : path;
  if (!Object.hasOwn(named, name)) put(named, name, flat(value));
}
