import type { Cost, ModelParameters, UsageStats } from '../../core/index.ts';
import { decodeEmbedded } from './embedded-json.ts';
import { meaningful, type RawRecord, recordOf, textOf } from './record.ts';

/** What an observation says about a model call, in our words. */
export function modelAttributes(
  observation: RawRecord,
  startUnixMicro: number,
  firstTokenUnixMicro?: number,
): RawRecord {
  return meaningful({
    model: textOf(observation, 'model'),
    parameters: parametersOf(recordOf(observation, 'modelParameters')),
    usage: usageOf(recordOf(observation, 'usageDetails')),
    cost: costOf(recordOf(observation, 'costDetails')),
    timeToFirstTokenMs:
      firstTokenUnixMicro === undefined ? undefined : (firstTokenUnixMicro - startUnixMicro) / 1000,
  });
}

/** What usage and cost hold beyond our fields: details that are no bucket of ours, as they came. */
export function modelLeftovers(observation: RawRecord): RawRecord {
  const usage = recordOf(observation, 'usageDetails');
  const cost = recordOf(observation, 'costDetails');
  const isKnownUsage = (key: string) =>
    ['input', 'output', 'total'].includes(key) || bucketOf(key) !== undefined;
  return meaningful({
    usageDetails: Object.keys(usage).every(isKnownUsage) ? undefined : usage,
    costDetails: Object.keys(cost).every((key) => ['input', 'output', 'total'].includes(key))
      ? undefined
      : cost,
  });
}

const PARAMETER_NAMES: Record<string, string> = {
  top_p: 'topP',
  top_k: 'topK',
  max_tokens: 'maxOutputTokens',
  maxTokens: 'maxOutputTokens',
  max_output_tokens: 'maxOutputTokens',
  presence_penalty: 'presencePenalty',
  frequency_penalty: 'frequencyPenalty',
  stop: 'stopSequences',
  stop_sequences: 'stopSequences',
};

/** Known parameters under our names; the others, and those whose place is taken, under their own. */
function parametersOf(given: RawRecord): ModelParameters {
  const parameters = new Map<string, unknown>();
  for (const [key, value] of Object.entries(given)) {
    const name = PARAMETER_NAMES[key] ?? key;
    parameters.set(parameters.has(name) ? key : name, decodeEmbedded(value));
  }
  return Object.fromEntries(parameters);
}

type Side = 'input' | 'output';
type Bucket = [side: Side, bucket: 'text' | 'cacheRead' | 'cacheWrite' | 'audio' | 'image' | 'reasoning'];

const BUCKETS: readonly [words: RegExp, ...bucket: Bucket][] = [
  [
    /^(input_cache_read|input_cached_tokens|cache_read_input_tokens|prompt_details\.cache_read)$/,
    'input',
    'cacheRead',
  ],
  [
    /^(input_cache_(write|creation)|cache_creation_input_tokens|prompt_details\.cache_write)$/,
    'input',
    'cacheWrite',
  ],
  [/^(input_audio(_tokens)?|prompt_details\.audio)$/, 'input', 'audio'],
  [/^(input_image(_tokens)?|prompt_details\.image)$/, 'input', 'image'],
  [/^(output_reasoning(_tokens)?|completion_details\.reasoning)$/, 'output', 'reasoning'],
  [/^(output_audio(_tokens)?|completion_details\.audio)$/, 'output', 'audio'],
  [/^(output_image(_tokens)?|completion_details\.image)$/, 'output', 'image'],
];

function bucketOf(key: string): Bucket | undefined {
  const found = BUCKETS.find(([words]) => words.test(key));
  return found && [found[1], found[2]];
}

/**
 * Usage in exclusive buckets. Langfuse's details are exclusive too, so that `input` and its buckets make the total;
 * where the writer's `total` shows that `input` and `output` already are the totals, the rest of each is text.
 */
function usageOf(details: RawRecord): UsageStats | undefined {
  const counts = Object.entries(details).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  if (counts.length === 0) return undefined;
  const { input, output, total } = Object.fromEntries(counts);
  const isInclusive = input !== undefined && output !== undefined && input + output === total;
  return { ...sideOf('input', input, counts, isInclusive), ...sideOf('output', output, counts, isInclusive) };
}

function sideOf(
  side: Side,
  base: number | undefined,
  counts: [string, number][],
  isInclusive: boolean,
): UsageStats {
  const buckets = counts.flatMap(([key, count]) => {
    const bucket = bucketOf(key);
    return bucket?.[0] === side ? [[bucket[1], count] as const] : [];
  });
  const inBuckets = buckets.reduce((sum, [, count]) => sum + count, 0);
  if (base === undefined && buckets.length === 0) return {};
  const text = isInclusive ? Math.max(0, (base ?? 0) - inBuckets) : (base ?? 0);
  const tokens = isInclusive ? (base ?? 0) : text + inBuckets;
  return {
    [`${side}Tokens`]: tokens,
    ...(buckets.length > 0 && { [`${side}Details`]: { text, ...Object.fromEntries(buckets) } }),
  };
}

/** Cost by side: each is the sum of its buckets. The total is the writer's, else the sum of all parts. */
function costOf(details: RawRecord): Cost | undefined {
  const costs = Object.entries(details).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  if (costs.length === 0) return undefined;
  const sum = (side: Side) => {
    const own = costs.filter(([key]) => key === side || bucketOf(key)?.[0] === side);
    return own.length === 0 ? undefined : own.reduce((total, [, cost]) => total + cost, 0);
  };
  const { total = costs.reduce((all, [, cost]) => all + cost, 0) } = Object.fromEntries(costs);
  return meaningful({ input: sum('input'), output: sum('output'), total }) as Cost;
}
