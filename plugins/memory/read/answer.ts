import type { ChangeLog, ParsedQuery, QueryName, QueryResults } from '../../../core/index.ts';
import type { EventTable } from '../event-table.ts';
import type { SpanTable } from '../span-table.ts';

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
