import type { Cost, UsageStats } from '../../../core/index.ts';
import type { MastraCost } from '../shape/signals.ts';
import type { MastraSpan } from '../shape/span.ts';
import { isNarrowed, MASTRA_SPAN_TYPE } from '../shape/span-types.ts';
import type { Draft } from './draft.ts';

type Attributes = Record<string, unknown>;

/** The attributes of a span under our names; those without another name here stay as they are. */
export function toAttributes({ source, inference, isCounted }: Draft): Attributes | undefined {
  const attributes = {
    ...(inference && attributesOf(inference, source.startTime)),
    ...attributesOf(source, source.startTime),
    ...(inference && { inference: placeOf(inference) }),
    ...(isNarrowed(source.type) && { [MASTRA_SPAN_TYPE]: source.type }),
  } as Attributes;
  const shown = isCounted ? withStepUsage(attributes) : attributes;
  return Object.keys(shown).length > 0 ? shown : undefined;
}

/** Usage is reported once: where the generation reports the sum, what a step used is only told. */
function withStepUsage({ usage, ...attributes }: Attributes): Attributes {
  return usage === undefined ? attributes : { ...attributes, stepUsage: usage };
}

function attributesOf({ type, entityId, attributes: given }: MastraSpan, startTime: Date): Attributes {
  const { usage, costContext, completionStartTime, parameters, status, ...same } = {
    ...given,
  } as Attributes;
  return defined({
    ...same,
    usage: isObject(usage) ? usageOf(usage) : undefined,
    ...(isObject(costContext) && costOf(costContext)),
    timeToFirstTokenMs: firstTokenMs(completionStartTime, startTime),
    parameters: isObject(parameters) ? parametersOf(parameters) : undefined,
    [statusName(type)]: status,
    stepId: type === 'workflow_step' ? entityId : undefined,
  });
}

/** Mastra repeats the first token of the first step on later steps, before which it came. */
function firstTokenMs(completionStartTime: unknown, startTime: Date): number | undefined {
  if (!(completionStartTime instanceof Date)) return undefined;
  const afterMs = completionStartTime.getTime() - startTime.getTime();
  return afterMs >= 0 ? afterMs : undefined;
}

/** Cached tokens by how long they are kept are parts of `cacheWrite`, so they are no buckets of their own. */
function usageOf({ inputTokens, outputTokens, inputDetails, outputDetails }: UsageStats): Attributes {
  const { cacheWrite5m: _short, cacheWrite1h: _long, ...buckets } = { ...inputDetails } as Attributes;
  return defined({
    inputTokens,
    outputTokens,
    inputDetails: inputDetails && defined(buckets),
    outputDetails: outputDetails && defined({ ...outputDetails }),
  });
}

function costOf({ estimatedCost, costUnit, costMetadata }: MastraCost): { cost?: Cost } & Attributes {
  if (typeof estimatedCost !== 'number') return {};
  return {
    cost: { total: estimatedCost, ...(costUnit !== undefined && { currency: costUnit.toUpperCase() }) },
    ...(costMetadata && { costMetadata }),
  };
}

/** Headers may hold keys, and a signal to abort says nothing. */
function parametersOf(parameters: object): Attributes | undefined {
  const { headers: _headers, abortSignal: _signal, ...rest } = parameters as Attributes;
  const given = defined(rest);
  return Object.keys(given).length > 0 ? given : undefined;
}

function statusName(type: string): string {
  if (type === 'workflow_run') return 'workflowStatus';
  return type === 'workflow_step' ? 'stepStatus' : 'status';
}

/** Where the inference was, so that its own time is not lost. */
function placeOf({ id, startTime, endTime }: MastraSpan): Attributes {
  return {
    id,
    startUnixMicro: startTime.getTime() * 1000,
    ...(endTime && { endUnixMicro: endTime.getTime() * 1000 }),
  };
}

function defined(values: Attributes): Attributes {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
