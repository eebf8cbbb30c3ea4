import {
  CORRELATION_KEYS,
  type EventOf,
  type FeedbackEvent,
  type ListOrder,
  type LogEvent,
  type MetricEvent,
  type PageRequest,
  type ParsedQuery,
  type ScoreEvent,
} from '../../../core/index.ts';
import type { EventSignal, EventTable } from '../event-table.ts';
import type { AnswerTo } from './answer.ts';
import { hasAll, isFound, isWithin } from './matches.ts';
import { pageOf } from './page.ts';

type ListOf = { metrics: 'listMetrics'; logs: 'listLogs'; scores: 'listScores'; feedback: 'listFeedback' };
/** The filters of the events of a signal. */
export type EventFilters<S extends EventSignal> = NonNullable<ParsedQuery<ListOf[S]>['filters']>;

/** Whether an event matches the filters of its signal. */
export const eventMatches: { [S in EventSignal]: (event: EventOf[S], filters?: EventFilters<S>) => boolean } =
  {
    metrics: (event, filters = {}) => {
      const { name, metricType, labels } = filters;
      return isOf(event, filters) && hasAll(event, { name, metricType }) && hasAll(event.labels, labels);
    },
    logs: (event, filters = {}) => {
      const { level = event.record.level, search } = filters;
      const { message, data } = event.record;
      return (
        isOf(event, filters) &&
        [level].flat().includes(event.record.level) &&
        isFound([message, data], search)
      );
    },
    scores: (event, filters = {}) => {
      const { scorerId, search } = filters;
      const { label, reason } = event.score;
      return isOf(event, filters) && hasAll(event.score, { scorerId }) && isFound([label, reason], search);
    },
    feedback: (event, filters = {}) => {
      const { feedbackType, search } = filters;
      const { value, comment } = event.feedback;
      // Feedback says itself who gave it.
      const { userId = event.correlation?.userId } = event.feedback;
      const whose = {
        ...event,
        correlation: { ...event.correlation, ...(userId !== undefined && { userId }) },
      };
      return (
        isOf(whose, filters) && hasAll(event.feedback, { feedbackType }) && isFound([value, comment], search)
      );
    },
  };

type SharedFilters = Omit<EventFilters<'scores'>, 'scorerId' | 'search'>;

function isOf(event: EventOf[EventSignal], filters: SharedFilters): boolean {
  const { traceId, spanId, timestamp } = filters;
  const correlation = Object.fromEntries(CORRELATION_KEYS.map((key) => [key, filters[key]]));
  return (
    hasAll(event, { traceId, spanId }) &&
    hasAll(event.correlation ?? {}, correlation) &&
    isWithin(event.timestamp, timestamp)
  );
}

interface EventQuery<S extends EventSignal> {
  filters?: EventFilters<S> | undefined;
  pagination: PageRequest;
  orderBy: ListOrder;
}

function list<S extends EventSignal>(
  table: EventTable<S>,
  query: EventQuery<S>,
  matches: (event: EventOf[S], filters?: EventFilters<S>) => boolean,
) {
  const found = table.all().filter((event) => matches(event, query.filters));
  return pageOf(found, ({ timeUnixMicro, id }) => [timeUnixMicro, id], query.pagination, query.orderBy);
}

/** The queries about single events. */
export const eventAnswers = {
  listMetrics({ metrics: table }, query) {
    const { records, pagination } = list(table, query, eventMatches.metrics);
    return { metrics: records as MetricEvent[], pagination };
  },
  listLogs({ logs: table }, query) {
    const { records, pagination } = list(table, query, eventMatches.logs);
    return { logs: records as LogEvent[], pagination };
  },
  listScores({ scores: table }, query) {
    const { records, pagination } = list(table, query, eventMatches.scores);
    return { scores: records as ScoreEvent[], pagination };
  },
  listFeedback({ feedback: table }, query) {
    const { records, pagination } = list(table, query, eventMatches.feedback);
    return { feedback: records as FeedbackEvent[], pagination };
  },
  getScoreById: ({ scores }, { scoreId }) => scores.get(scoreId) ?? null,
} satisfies { [Q in ListOf[EventSignal] | 'getScoreById']: AnswerTo<Q> };
