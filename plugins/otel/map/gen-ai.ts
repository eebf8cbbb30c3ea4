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
import { at, flat, isRecord, type PlainRecord, put } from './plain.ts';

/** A naming with its paths taken apart. */
type Compiled = readonly (readonly [attribute: string, path: readonly string[]])[];

/** Writes the attributes of spans in OpenTelemetry's GenAI names; what these have no word for is in `obs.*`. */
export function genAiAttributes(version: keyof typeof CONVENTIONS): (span: AnyExportedSpan) => PlainRecord {
  const { operations, call, usage } = CONVENTIONS[version];
  const calls = compiled(call);
  const usages = { named: compiled(usage), own: compiled(withoutNames(usage)) };
  return (span) => {
    const given: PlainRecord = span.attributes ?? {};
    const named: PlainRecord = { 'obs.span.type': span.type };
    put(named, 'gen_ai.operation.name', operations[span.type]);
    addAll(named, span, CORRELATION_PATHS);
    addAll(named, given, calls);
    addEntity(named, span, operations);
    addModelCall(named, span, given, usages);
    Object.assign(named, contentAttributes(span));
    addFree(named, given);
    return named;
  };
}

function compiled(naming: Naming): Compiled {
  return naming.map(([attribute, path]) => [attribute, path.split('.')]);
}

/** Our names for what the conventions have none for. */
function withoutNames(usage: Naming): Naming {
  const named = new Set(usage.map(([, path]) => path));
  return OWN_USAGE.filter(([, path]) => !named.has(path));
}

const CORRELATION_PATHS = compiled(CORRELATION);
const OWN_USAGE_PATHS = compiled(OWN_USAGE);
const OWN_COST_PATHS = compiled(OWN_COST);

function addAll(named: PlainRecord, holder: unknown, paths: Compiled): void {
  for (const [attribute, path] of paths) put(named, attribute, flat(at(holder, path)));
}

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
  given: PlainRecord,
  usages: { named: Compiled; own: Compiled },
): void {
  const { usage, cost, finishReason, timeToFirstTokenMs } = given;
  if (typeof finishReason === 'string') named['gen_ai.response.finish_reasons'] = [finishReason];
  if (typeof timeToFirstTokenMs === 'number')
    named['gen_ai.response.time_to_first_chunk'] = timeToFirstTokenMs / 1000;
  const isCounted = COUNTED.has(span.type);
  if (!isRecord(usage)) put(named, 'obs.usage', flat(usage));
  else {
    if (isCounted) addAll(named, usage, usages.named);
    addAll(named, usage, isCounted ? usages.own : OWN_USAGE_PATHS);
  }
  if (!isRecord(cost)) put(named, 'obs.cost', flat(cost));
  else {
    if (isCounted) put(named, 'gen_ai.usage.cost', cost['total']);
    addAll(named, cost, OWN_COST_PATHS);
  }
}

/** Attributes that have got their names above. */
const NAMED = new Set([
  'usage',
  'cost',
  'finishReason',
  'timeToFirstTokenMs',
  ...CONVENTIONS['1.41'].call.map(([, path]) => path.split('.')[0]!),
]);

/** Other attributes keep their names; parameters that no convention names too, below `obs.parameters`. */
function addFree(named: PlainRecord, given: PlainRecord): void {
  for (const key of Object.keys(given)) {
    if (!NAMED.has(key) && !Object.hasOwn(named, key)) put(named, key, flat(given[key]));
  }
  const { parameters } = given;
  if (!isRecord(parameters)) return;
  for (const key of Object.keys(parameters))
    if (!PARAMETERS.has(key)) put(named, `obs.parameters.${key}`, flat(parameters[key]));
}

const PARAMETERS = new Set(
  CONVENTIONS['1.41'].call.flatMap(([, path]) => (path.startsWith('parameters.') ? [path.slice(11)] : [])),
);
