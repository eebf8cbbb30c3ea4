import type { AnyExportedSpan, Cost } from '../../../core/index.ts';
import type { MastraCost } from '../shape/signals.ts';
import { MASTRA_SPAN_TYPE } from '../shape/span-types.ts';

type Attributes = Record<string, unknown>;

/** The attributes of a span under Mastra's names; those without another name there stay as they are. */
export function toMastraAttributes(span: AnyExportedSpan): Attributes {
  const {
    [MASTRA_SPAN_TYPE]: _type,
    inference: _inference,
    cost,
    timeToFirstTokenMs,
    stepUsage,
    workflowStatus,
    stepStatus,
    untilDate,
    ...same
  } = (span.attributes ?? {}) as Attributes;
  const status = workflowStatus ?? stepStatus;
  const firstToken = firstTokenAt(span, timeToFirstTokenMs);
  const until = dateOf(untilDate);
  return {
    ...same,
    ...(stepUsage !== undefined && same['usage'] === undefined && { usage: stepUsage }),
    ...(isObject(cost) && { costContext: costContextOf(cost, same) }),
    ...(firstToken && { completionStartTime: firstToken }),
    ...(status !== undefined && { status }),
    ...(until && { untilDate: until }),
  };
}

/** Exporters call its methods, so it must be a date. */
function firstTokenAt({ startUnixMicro }: AnyExportedSpan, afterMs: unknown): Date | undefined {
  return typeof afterMs === 'number' ? dateOf(startUnixMicro / 1000 + afterMs) : undefined;
}

function dateOf(value: unknown): Date | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** What the application reported counts as reported: exporters of Mastra send no other cost. */
function costContextOf({ input, output, total, currency = 'USD' }: Cost, attributes: Attributes): MastraCost {
  const { model, provider } = attributes as { model?: string; provider?: string };
  const estimatedCost = total ?? (input ?? 0) + (output ?? 0);
  return {
    ...(provider !== undefined && { provider }),
    ...(model !== undefined && { model }),
    estimatedCost,
    costUnit: currency,
    costMetadata: { source: 'provider_reported' },
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
