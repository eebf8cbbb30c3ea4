import type { ExportedSpan, ParsedQuery, TraceSummary } from '../../../core/index.ts';
import type { AnswerTo } from './answer.ts';
import { hasAll, isFound, isWithin } from './matches.ts';
import { pageOf } from './page.ts';
import { summaryOf } from './summary.ts';

type Filters = NonNullable<ParsedQuery<'listTraces'>['filters']>;

/** One page of traces, each as its entry span. */
export const listTraces: AnswerTo<'listTraces'> = ({ tracing }, { filters = {}, pagination, orderBy }) => {
  const found = tracing.traceIds.flatMap((traceId) => {
    const spans = tracing.trace(traceId);
    const summary = summaryOf(spans);
    return summary && matches(summary, filters) && isInAny(spans, filters.search) ? [summary] : [];
  });
  const timeOf = ({ startUnixMicro, endUnixMicro }: TraceSummary) =>
    orderBy.field === 'startedAt' ? startUnixMicro : (endUnixMicro ?? null);
  const page = pageOf(found, (one) => [timeOf(one), one.traceId], pagination, orderBy);
  return { spans: page.records, pagination: page.pagination };
};

function matches(summary: TraceSummary, filters: Filters): boolean {
  const { startedAt, endedAt, traceIdPrefix = '', tags = [], metadata, search: _, ...equal } = filters;
  return (
    hasAll(summary, equal) &&
    summary.traceId.startsWith(traceIdPrefix) &&
    isWithin(summary.startTime, startedAt) &&
    isWithin(summary.endTime, endedAt) &&
    tags.every((tag) => summary.tags?.includes(tag)) &&
    hasAll(summary.metadata ?? {}, metadata)
  );
}

function isInAny(spans: readonly ExportedSpan[], search: string | undefined): boolean {
  return spans.some(({ name, input, output, attributes, metadata, errorInfo }) =>
    isFound([name, input, output, attributes, metadata, errorInfo], search),
  );
}
