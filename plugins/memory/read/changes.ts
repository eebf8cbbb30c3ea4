import type { Change } from '../change-log.ts';
import type { AnswerTo } from './index.ts';
import { summaryOf } from './summary.ts';

/** What was stored since a cursor: each trace and event once, in the order of its last change, as it is now. */
export const getChanges: AnswerTo<'getChanges'> = (tables, { cursor, limit }, log) => {
  const since = log.since(cursor, limit);
  const idsOf = (of: Change['of']): string[] => {
    const ids = since.changes.filter((change) => change.of === of).map(({ id }) => id);
    return [...new Set(ids.reverse())].reverse();
  };
  return {
    cursor: since.cursor,
    hasGap: since.hasGap,
    traces: idsOf('tracing').flatMap((traceId) => summaryOf(tables.tracing.trace(traceId)) ?? []),
    logs: idsOf('logs').flatMap((id) => tables.logs.get(id) ?? []),
    scores: idsOf('scores').flatMap((id) => tables.scores.get(id) ?? []),
    feedback: idsOf('feedback').flatMap((id) => tables.feedback.get(id) ?? []),
  };
};
