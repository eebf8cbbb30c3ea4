import type { AnswerTo } from './answer.ts';
import { summaryOf } from './summary.ts';

/** What was stored since a cursor: each trace and event once, in the order of its last change, as it is now. */
export const getChanges: AnswerTo<'getChanges'> = (tables, { cursor, limit }, log) => {
  const { ids, ...since } = log.since(cursor, limit);
  return {
    ...since,
    traces: ids.tracing.flatMap((traceId) => summaryOf(tables.tracing.trace(traceId)) ?? []),
    logs: ids.logs.flatMap((id) => tables.logs.get(id) ?? []),
    scores: ids.scores.flatMap((id) => tables.scores.get(id) ?? []),
    feedback: ids.feedback.flatMap((id) => tables.feedback.get(id) ?? []),
  };
};
