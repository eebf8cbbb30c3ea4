import type { Cost, ExportedSpan, UsageStats } from '../../core/index.ts';
import { rowTypeOf } from './span-type.ts';

/** Numbers of a row: times in seconds since the epoch, durations in seconds, token counts as integers. */
export type RowMetrics = { start: number; end?: number } & Record<string, number>;

/** An attribute bag as it may really be: an ingested span has whatever its source wrote. */
type Loose<T> = { [K in keyof T]?: unknown };

/**
 * Times, and for a model call its tokens, cost and time to the first token. Token counts are inclusive: cached tokens
 * are part of `prompt_tokens`. A step of a model call has none, since its generation reports the same tokens.
 */
export function metricsOf(span: ExportedSpan): RowMetrics {
  const { startUnixMicro, endUnixMicro, attributes, type } = span;
  const metrics: RowMetrics = { start: startUnixMicro / 1e6 };
  // Another machine's clock can put an end before its start; a negative duration would upset every sum.
  if (endUnixMicro !== undefined) metrics.end = Math.max(startUnixMicro, endUnixMicro) / 1e6;
  if (attributes === undefined || rowTypeOf(type) !== 'llm') return metrics;
  const { usage, cost, timeToFirstTokenMs } = attributes as Record<string, unknown>;
  if (isRecord(usage)) Object.assign(metrics, tokensOf(usage as Loose<UsageStats>));
  const spent = isRecord(cost) ? dollarsOf(cost as Loose<Cost>) : undefined;
  if (spent !== undefined) metrics['estimated_cost'] = spent;
  if (isAmount(timeToFirstTokenMs)) metrics['time_to_first_token'] = timeToFirstTokenMs / 1000;
  return metrics;
}

/** True when nothing of a usage is lost in the metrics made of it, so it need not be kept beside them. */
export function isUsageCovered(usage: unknown): boolean {
  if (!isRecord(usage)) return false;
  const { inputDetails = {}, outputDetails = {}, inputTokens, outputTokens, ...rest } = usage;
  if (Object.keys(rest).length > 0 || !isRecord(inputDetails) || !isRecord(outputDetails)) return false;
  const known = (details: Record<string, unknown>, names: object) =>
    Object.entries(details).every(
      ([key, value]) => isCount(value) && (key === 'text' || Object.hasOwn(names, key)),
    );
  const areTotalsCounts = [inputTokens, outputTokens].every((total) => total === undefined || isCount(total));
  return areTotalsCounts && known(inputDetails, INPUT) && known(outputDetails, OUTPUT);
}

const INPUT: Record<string, string> = {
  cacheRead: 'prompt_cached_tokens',
  cacheWrite: 'prompt_cache_creation_tokens',
  audio: 'prompt_audio_tokens',
  image: 'prompt_image_tokens',
};
const OUTPUT: Record<string, string> = {
  reasoning: 'completion_reasoning_tokens',
  audio: 'completion_audio_tokens',
  image: 'completion_image_tokens',
};

function tokensOf(usage: Loose<UsageStats>): Record<string, number> {
  const tokens: Record<string, number> = {};
  const input = side(usage.inputTokens, usage.inputDetails, INPUT, tokens);
  const output = side(usage.outputTokens, usage.outputDetails, OUTPUT, tokens);
  if (input !== undefined) tokens['prompt_tokens'] = input;
  if (output !== undefined) tokens['completion_tokens'] = output;
  if (input !== undefined || output !== undefined) tokens['tokens'] = (input ?? 0) + (output ?? 0);
  return tokens;
}

/** Notes the buckets of one side and gives its total; where only buckets are known, their sum. */
function side(
  total: unknown,
  details: unknown,
  names: Record<string, string>,
  tokens: Record<string, number>,
): number | undefined {
  let sum: number | undefined;
  for (const [bucket, count] of Object.entries(isRecord(details) ? details : {})) {
    if (!isCount(count)) continue;
    sum = (sum ?? 0) + count;
    if (Object.hasOwn(names, bucket)) tokens[names[bucket]!] = count;
  }
  return isCount(total) ? total : sum;
}

/** Braintrust counts US dollars; money of another currency stays in the metadata. */
function dollarsOf({ total, input, output, currency }: Loose<Cost>): number | undefined {
  if (currency !== undefined && currency !== 'USD') return undefined;
  if (isAmount(total)) return total;
  if (!isAmount(input) && !isAmount(output)) return undefined;
  return (isAmount(input) ? input : 0) + (isAmount(output) ? output : 0);
}

/** Braintrust refuses a whole row for half a token or a token count as text. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
