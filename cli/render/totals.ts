import type { Cost, ExportedSpan, UsageStats } from '../../core/index.ts';
import type { TreeRow } from './forest.ts';

/** What the model calls of a trace used. */
export interface Totals {
  inputTokens: number;
  outputTokens: number;
  /** Part of the input tokens. */
  cachedTokens: number;
  /** By currency. */
  cost: Map<string, number>;
}

/** The usage that a span reports itself. */
export function usageOf(span: ExportedSpan): UsageStats | undefined {
  const usage = span.attributes?.['usage'] as UsageStats | undefined;
  return typeof usage === 'object' && usage !== null ? usage : undefined;
}

/** The cost that a span reports itself: its total, else the sum of its sides. */
export function costOf(span: ExportedSpan): { amount: number; currency: string } | undefined {
  const cost = span.attributes?.['cost'] as Cost | undefined;
  if (typeof cost !== 'object' || cost === null) return undefined;
  const amount = cost.total ?? (cost.input ?? 0) + (cost.output ?? 0);
  return Number.isFinite(amount) ? { amount, currency: cost.currency ?? 'USD' } : undefined;
}

/** Sums over the outermost spans that report usage or cost: what lies beneath them was counted by them. */
export function totalsOf(rows: readonly TreeRow[]): Totals {
  const totals: Totals = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, cost: new Map() };
  for (const span of outermost(rows, (candidate) => usageOf(candidate) !== undefined)) {
    const { inputTokens = 0, outputTokens = 0, inputDetails } = usageOf(span)!;
    totals.inputTokens += inputTokens;
    totals.outputTokens += outputTokens;
    totals.cachedTokens += inputDetails?.cacheRead ?? 0;
  }
  for (const span of outermost(rows, (candidate) => costOf(candidate) !== undefined)) {
    const { amount, currency } = costOf(span)!;
    totals.cost.set(currency, (totals.cost.get(currency) ?? 0) + amount);
  }
  return totals;
}

/** The spans of a kind that have none of that kind above them. Rows come parents first. */
function outermost(rows: readonly TreeRow[], isOne: (span: ExportedSpan) => boolean): ExportedSpan[] {
  const found: ExportedSpan[] = [];
  let coveredBelow = Number.POSITIVE_INFINITY;
  for (const { span, depth } of rows) {
    if (depth > coveredBelow) continue;
    coveredBelow = Number.POSITIVE_INFINITY;
    if (!isOne(span)) continue;
    found.push(span);
    coveredBelow = depth;
  }
  return found;
}
