import type { ExportedSpan } from '../../../core/index.ts';
import type { AnswerTo } from './answer.ts';
import { entryOf } from './summary.ts';

/** By start; of spans that start together the longer comes first, as a parent does, and one that runs is the longest. */
export function inOrder(spans: readonly ExportedSpan[]): ExportedSpan[] {
  const endOf = ({ endUnixMicro }: ExportedSpan) => endUnixMicro ?? Number.POSITIVE_INFINITY;
  return [...spans].sort(
    (a, b) =>
      a.startUnixMicro - b.startUnixMicro ||
      (endOf(a) === endOf(b) ? 0 : endOf(b) - endOf(a)) ||
      (a.id < b.id ? -1 : 1),
  );
}

const getTrace: AnswerTo<'getTrace'> = ({ tracing }, { traceId }) => {
  const spans = inOrder(tracing.trace(traceId));
  return spans.length === 0 ? null : { traceId, spans };
};

const getBranch: AnswerTo<'getBranch'> = ({ tracing }, { traceId, spanId, depth = Infinity }) => {
  const spans = inOrder(tracing.trace(traceId));
  if (!spans.some(({ id }) => id === spanId)) return null;
  const branch = new Set([spanId]);
  let level = [spanId];
  for (let below = 0; below < depth && level.length > 0; below++) {
    const isBelow = ({ id, parentSpanId }: ExportedSpan) => level.includes(parentSpanId!) && !branch.has(id);
    level = spans.filter(isBelow).map(({ id }) => id);
    for (const id of level) branch.add(id);
  }
  return { traceId, spans: spans.filter(({ id }) => branch.has(id)) };
};

/** The queries about the spans of one trace. */
export const traceAnswers = {
  getSpan: ({ tracing }, { traceId, spanId }) => tracing.span(traceId, spanId) ?? null,
  getSpans: ({ tracing }, { traceId, spanIds }) => ({
    traceId,
    spans: inOrder(tracing.trace(traceId)).filter(({ id }) => spanIds.includes(id)),
  }),
  getRootSpan: ({ tracing }, { traceId }) => entryOf(tracing.trace(traceId)) ?? null,
  getTrace,
  getBranch,
} satisfies { [Q in 'getSpan' | 'getSpans' | 'getRootSpan' | 'getTrace' | 'getBranch']: AnswerTo<Q> };
