import {
  type AnyExportedSpan,
  cursorOf,
  type ParsedQuery,
  pageInfo,
  type TracePage,
} from '../../../core/index.ts';
import type { ReadContext } from './context.ts';
import { findPage } from './trace-page.ts';
import { plainSummariesAt, summariesAt } from './trace-summary.ts';

type Query = ParsedQuery<'listTraces'>;

/** One page of traces, each as its entry span, and their exact number; a span that still runs has no end and comes last. */
export async function listTraces(context: ReadContext, query: Query): Promise<TracePage> {
  const { pagination, orderBy } = query;
  const { places, total, arePlain, state } = await findPage(context, query);
  const shown = places.slice(0, pagination.perPage);
  const spans = await (arePlain
    ? plainSummariesAt(context, shown, state)
    : summariesAt(context.connection, shown));
  const last = places.length > shown.length ? spans.at(-1) : undefined;
  const next = last && cursorOf([timeIn(last, orderBy.field), last.traceId], orderBy);
  return {
    spans,
    pagination: pageInfo(pagination, total, next),
  };
}

function timeIn(span: AnyExportedSpan, field: Query['orderBy']['field']): number | null {
  return field === 'startedAt' ? span.startUnixMicro : (span.endUnixMicro ?? null);
}
