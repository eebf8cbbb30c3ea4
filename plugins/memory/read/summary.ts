import type { ExportedSpan, TraceSummary } from '../../../core/index.ts';

const MEASURES = ['inputTokens', 'outputTokens', 'cost'] as const;
type Measure = (typeof MEASURES)[number];

/** What traces amount to. */
export type Totals = Pick<TraceSummary, 'spanCount' | 'errorCount' | 'runningCount' | Measure>;

/** The entry span: the first without a parent, else the first whose parent is not there, else, in a circle, the first. */
export function entryOf(spans: readonly ExportedSpan[]): ExportedSpan | undefined {
  const ids = new Set(spans.map(({ id }) => id));
  const rank = ({ parentSpanId }: ExportedSpan) =>
    parentSpanId === undefined ? 0 : ids.has(parentSpanId) ? 2 : 1;
  const [entry] = [...spans].sort(
    (a, b) => rank(a) - rank(b) || a.startUnixMicro - b.startUnixMicro || (a.id < b.id ? -1 : 1),
  );
  return entry;
}

/** A trace as lists show it; undefined for no spans. */
export function summaryOf(spans: readonly ExportedSpan[]): TraceSummary | undefined {
  const entry = entryOf(spans);
  if (!entry) return undefined;
  const totals = totalsOf(spans);
  return { ...entry, ...totals, hasChildError: totals.errorCount > (entry.status === 'error' ? 1 : 0) };
}

/** What the spans of one trace amount to. A report counts only where no span above it reports the same measure. */
export function totalsOf(spans: readonly ExportedSpan[]): Totals {
  const totals: Totals = {
    spanCount: spans.length,
    errorCount: spans.filter(({ status }) => status === 'error').length,
    runningCount: spans.filter(({ status }) => status === 'running').length,
  };
  const byId = new Map(spans.map((span) => [span.id, span]));
  for (const measure of MEASURES) {
    const isAbove = (span: ExportedSpan) =>
      ancestorsOf(span, byId).some((one) => reportOf(one, measure) !== undefined);
    for (const span of spans) {
      const amount = reportOf(span, measure);
      if (amount !== undefined && !isAbove(span)) totals[measure] = (totals[measure] ?? 0) + amount;
    }
  }
  return totals;
}

/** The sum over several traces. */
export function sumOf(all: readonly Totals[]): Totals {
  const sum: Totals = { spanCount: 0, errorCount: 0, runningCount: 0 };
  for (const one of all)
    for (const [key, amount] of Object.entries(one) as [keyof Totals, number][])
      sum[key] = (sum[key] ?? 0) + amount;
  return sum;
}

/** Also a span itself, where it is above itself in a circle. */
function ancestorsOf(span: ExportedSpan, byId: ReadonlyMap<string, ExportedSpan>): ExportedSpan[] {
  const above = new Set<ExportedSpan>();
  for (
    let next = byId.get(span.parentSpanId ?? '');
    next && !above.has(next);
    next = byId.get(next.parentSpanId ?? '')
  )
    above.add(next);
  return [...above];
}

function reportOf({ attributes }: ExportedSpan, measure: Measure): number | undefined {
  const { usage, cost } = (attributes ?? {}) as Record<string, Record<string, unknown> | undefined>;
  if (measure !== 'cost') return numberOf(usage?.[measure]);
  const [total, input, output] = [cost?.['total'], cost?.['input'], cost?.['output']].map(numberOf);
  return total ?? (input !== undefined && output !== undefined ? input + output : (input ?? output));
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** A number, also one that is written as text. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
