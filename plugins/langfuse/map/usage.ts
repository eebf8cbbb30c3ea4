import { recordOf } from './attribute-text.ts';

/** Our details by the names that Langfuse has prices for. `text` is the rest of its side and has no bucket of its own. */
const BUCKETS = {
  input: [
    ['cacheRead', 'input_cached_tokens'],
    ['cacheWrite', 'input_cache_creation'],
    ['audio', 'input_audio_tokens'],
    ['image', 'input_image_tokens'],
  ],
  output: [
    ['reasoning', 'output_reasoning_tokens'],
    ['audio', 'output_audio_tokens'],
    ['image', 'output_image_tokens'],
  ],
} as const;

type Side = keyof typeof BUCKETS;

/** No model call has more tokens; a larger number is a mistake, and sums of such are not exact. */
const MAX_TOKENS = 1e12;

/**
 * The tokens of a model call in buckets of which each token is in exactly one, and their sum as `total`. Undefined
 * when nothing was counted. Langfuse takes whole numbers from 0 only: others are rounded or left out.
 */
export function usageDetails(usage: unknown): Record<string, number> | undefined {
  const stats = recordOf(usage);
  if (!stats) return undefined;
  const details = { ...sideOf(stats, 'input'), ...sideOf(stats, 'output') };
  const counts = Object.values(details);
  if (counts.length === 0) return undefined;
  return { ...details, total: counts.reduce((sum, count) => sum + count, 0) };
}

/** The buckets of one side. What the details leave of its total is the plain `input` or `output`. */
function sideOf(stats: Record<string, unknown>, side: Side): Record<string, number> {
  const given = recordOf(stats[`${side}Details`]) ?? {};
  const buckets: Record<string, number> = {};
  let inBuckets = 0;
  for (const [detail, bucket] of BUCKETS[side]) {
    const count = countOf(given[detail]);
    if (!count) continue;
    buckets[bucket] = count;
    inBuckets += count;
  }
  const total = countOf(stats[`${side}Tokens`]);
  const rest = total === undefined ? countOf(given['text']) : Math.max(0, total - inBuckets);
  return rest === undefined ? buckets : { [side]: rest, ...buckets };
}

function countOf(value: unknown): number | undefined {
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_TOKENS)) return undefined;
  return Math.round(value);
}

/**
 * The cost of a model call in US dollars, which is what Langfuse takes every number for: undefined for a cost in
 * another currency, or for none. Without a total, the sum of the parts is the total.
 */
export function costDetails(cost: unknown): Record<string, number> | undefined {
  const given = recordOf(cost);
  if (!given || !isInDollars(given)) return undefined;
  const { input, output, total } = given;
  const parts = Object.entries({ input, output }).filter(([, amount]) => isAmount(amount));
  if (!isAmount(total) && parts.length === 0) return undefined;
  const sum = parts.reduce((all, [, amount]) => all + (amount as number), 0);
  return { ...(Object.fromEntries(parts) as Record<string, number>), total: isAmount(total) ? total : sum };
}

function isInDollars({ currency }: Record<string, unknown>): boolean {
  return currency === undefined || (typeof currency === 'string' && currency.toUpperCase() === 'USD');
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
