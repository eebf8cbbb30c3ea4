import type { QueryName } from '../../../core/index.ts';
import { aggregateAnswers } from './aggregates.ts';
import type { AnswerTo } from './answer.ts';
import { getChanges } from './changes.ts';
import { discoveryAnswers } from './discovery.ts';
import { eventAnswers } from './events.ts';
import { getStats } from './stats.ts';
import { getStructure } from './structure.ts';
import { listThreads } from './threads.ts';
import { listTraces } from './trace-list.ts';
import { traceAnswers } from './traces.ts';

/** The queries that can be answered. */
export const answers: { [Q in Exclude<QueryName, 'batchDeleteTraces' | 'runSql'>]: AnswerTo<Q> } = {
  ...traceAnswers,
  getStructure,
  listTraces,
  listThreads,
  ...eventAnswers,
  ...aggregateAnswers,
  ...discoveryAnswers,
  getStats,
  getChanges,
};
