import type { TraceSummary } from '../../../core/index.ts';

/** What a trace amounts to. */
export type TraceTotals = Pick<
  TraceSummary,
  'spanCount' | 'errorCount' | 'runningCount' | 'inputTokens' | 'outputTokens' | 'cost'
>;

/** What is added up of the reports of spans. */
export const MEASURES = ['inputTokens', 'outputTokens', 'cost'] as const;

/** What is known of some spans, column by column. */
export interface SpanReports {
  traceId: string[];
  id: string[];
  parentId: (string | null)[];
  status: (string | null)[];
  /** Input tokens, output tokens, total cost, cost of the input and of the output, each as text. */
  reports: ((string | null)[] | null)[];
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

interface Span {
  trace: TraceTotals;
  id: string;
  parentId: string | null;
  /** What it reports, in the order of {@link MEASURES}. */
  reports: readonly (number | null)[];
  /** The measures that spans above it report, a bit each. */
  covered: number;
}

/**
 * What traces amount to, by trace id. Usage is reported twice where a model call has steps of its own: a report counts
 * only when no span above it reports the same measure.
 */
export function addUp(columns: SpanReports): Map<string, TraceTotals> {
  const totals = new Map<string, TraceTotals>();
  const spans = columns.traceId.map((_, at) => spanOf(columns, at, totals));
  if (spans.some(hasReport)) cover(spans);
  for (const { trace, reports, covered } of spans) {
    MEASURES.forEach((measure, index) => {
      const amount = reports[index] ?? null;
      if (amount !== null && !(covered & (1 << index))) trace[measure] = (trace[measure] ?? 0) + amount;
    });
  }
  return totals;
}

function spanOf(columns: SpanReports, at: number, totals: Map<string, TraceTotals>): Span {
  const traceId = columns.traceId[at]!;
  const status = columns.status[at];
  const trace = totals.get(traceId) ?? { spanCount: 0, errorCount: 0, runningCount: 0 };
  totals.set(traceId, trace);
  trace.spanCount++;
  if (status === 'error') trace.errorCount++;
  if (status === 'running') trace.runningCount++;
  const reports = measuresOf(columns.reports[at] ?? []);
  return { trace, id: columns.id[at]!, parentId: columns.parentId[at] ?? null, reports, covered: 0 };
}

function measuresOf(reports: readonly (string | null)[]): (number | null)[] {
  const [inputTokens = null, outputTokens = null, total, input, output] = reports.map(numberOf);
  const sum = input != null && output != null ? input + output : null;
  return [inputTokens, outputTokens, total ?? sum ?? input ?? output ?? null];
}

function numberOf(text: string | null): number | null {
  const number = text !== null && NUMBER.test(text) ? Number(text) : null;
  return Number.isFinite(number) ? number : null;
}

function hasReport({ reports }: Span): boolean {
  return reports.some((amount) => amount !== null);
}

/** Marks what is below a report: each span once for each measure, also in a circle. */
function cover(spans: readonly Span[]): void {
  const childrenOf = byParent(spans);
  const left = spans.filter(hasReport).map((span) => ({ span, measures: bitsOf(span) }));
  for (let next = left.pop(); next; next = left.pop()) {
    for (const child of childrenOf(next.span)) {
      const measures = next.measures & ~child.covered;
      child.covered |= measures;
      if (measures) left.push({ span: child, measures });
    }
  }
}

function bitsOf({ reports }: Span): number {
  return reports.reduce<number>((bits, amount, index) => (amount === null ? bits : bits | (1 << index)), 0);
}

function byParent(spans: readonly Span[]): (span: Span) => readonly Span[] {
  const traces = new Map<TraceTotals, Map<string, Span[]>>();
  for (const span of spans) {
    if (span.parentId === null) continue;
    const children = traces.get(span.trace) ?? new Map<string, Span[]>();
    traces.set(span.trace, children);
    const siblings = children.get(span.parentId);
    if (siblings) siblings.push(span);
    else children.set(span.parentId, [span]);
  }
  return ({ trace, id }) => traces.get(trace)?.get(id) ?? [];
}
