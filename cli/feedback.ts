import type { FeedbackEvent } from '../core/index.ts';
import { type EventFilters, feedbackFiltersOf } from './event-filters.ts';
import { type EventList, shortId, showEvents } from './event-list.ts';
import type { ExitCode } from './exit-codes.ts';
import type { PageOptions } from './list-report.ts';
import { shortTime } from './render/amounts.ts';

/** Lists one page of the stored feedback that passes the filters. */
export function feedback(options: PageOptions): Promise<ExitCode> {
  return showEvents(FEEDBACK, feedbackFiltersOf(options), options);
}

const FEEDBACK: EventList<EventFilters['feedback'], FeedbackEvent> = {
  noun: 'feedback event',
  query: async (store, args) => {
    const { feedback, pagination } = await store.listFeedback(args);
    return { events: feedback, pagination };
  },
  columns: [
    { title: 'time' },
    { title: 'kind', isFlexible: true, maxWidth: 24 },
    { title: 'value', isFlexible: true, maxWidth: 24 },
    { title: 'by', isFlexible: true, maxWidth: 24 },
    { title: 'comment', isFlexible: true, maxWidth: 80 },
    { title: 'trace' },
    { title: 'span' },
  ],
  row: ({ feedback, timestamp, traceId, spanId }, style) => [
    { text: shortTime(timestamp, new Date()), paint: style.dim },
    { text: feedback.feedbackType, paint: style.bold },
    String(feedback.value),
    feedback.userId ?? '',
    feedback.comment ?? '',
    { text: shortId(traceId), paint: style.dim },
    { text: spanId ?? '', paint: style.dim },
  ],
};
