import type { ChangeLog, ParsedQuery, QueryName, QueryResults } from '../../../core/index.ts';
import type { EventTable } from '../event-table.ts';
import type { SpanTable } from '../span-table.ts';
import { aggregateAnswers } from './aggregates.ts';
import { getChanges } from './changes.ts';
import { discoveryAnswers } from './discovery.ts';
import { eventAnswers } from './events.ts';
import { getStats } from './stats.ts';
import { getStructure } from './structure.ts';
import { listThreads } from './threads.ts';
import { listTraces } from './trace-list.ts';
import { traceAnswers } from './traces.ts';

/** What is stored. */
export interface Tables {
  tracing: SpanTable;
  metrics: EventTable<'metrics'>;
  logs: EventTable<'logs'>;
  scores: EventTable<'scores'>;
  feedback: EventTable<'feedback'>;
}

/** Answers one query from what is stored. */
export type AnswerTo<Q extends QueryName> = (
  tables: Tables,
  query: ParsedQuery<Q>,
  changes: ChangeLog,
) => QueryResults[Q];

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
