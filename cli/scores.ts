import type { ScoreEvent } from '../core/index.ts';
import { type EventFilters, scoreFiltersOf } from './event-filters.ts';
import { type EventList, shortId, showEvents } from './event-list.ts';
import type { ExitCode } from './exit-codes.ts';
import type { PageOptions } from './list-report.ts';
import { number, shortTime } from './render/amounts.ts';

/** Lists one page of the stored scores that pass the filters. */
export function scores(options: PageOptions): Promise<ExitCode> {
  return showEvents(SCORES, scoreFiltersOf(options), options);
}

const SCORES: EventList<EventFilters['scores'], ScoreEvent> = {
  noun: 'score',
  query: async (store, args) => {
    const { scores, pagination } = await store.listScores(args);
    return { events: scores, pagination };
  },
  columns: [
    { title: 'time' },
    { title: 'scorer', isFlexible: true, maxWidth: 32 },
    { title: 'score', align: 'right' },
    { title: 'label', isFlexible: true, maxWidth: 24 },
    { title: 'reason', isFlexible: true, maxWidth: 80 },
    { title: 'trace' },
    { title: 'span', isMinor: true },
  ],
  row: ({ score, timestamp, traceId, spanId }, style) => [
    { text: shortTime(timestamp, new Date()), paint: style.dim },
    { text: score.scorerName ?? score.scorerId, paint: style.bold },
    score.score === undefined ? '' : number(score.score),
    score.label ?? '',
    score.reason ?? '',
    { text: shortId(traceId), paint: style.dim },
    { text: spanId ?? '', paint: style.dim },
  ],
};
