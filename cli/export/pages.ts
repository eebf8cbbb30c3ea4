import type {
  ExportedSpan,
  ObservabilityEvent,
  ObservabilityStorage,
  PageInfo,
  Signal,
} from '../../core/index.ts';
import type { SharedFilters } from '../event-filters.ts';

/** A piece of what is stored of one signal, oldest first. */
export interface ExportPage {
  events: ObservabilityEvent[];
  /** What the page is counted by: traces, or events. */
  done: number;
  /** How many there are in all. */
  total: number;
}

/** Traces are read whole, so few at a time. */
const TRACES_AT_A_TIME = 20;
const EVENTS_AT_A_TIME = 500;

/** Everything of one signal that passes the filters, page by page: no more than a page is in memory. */
export function pagesOf(
  store: ObservabilityStorage,
  signal: Signal,
  filters: SharedFilters,
): AsyncGenerator<ExportPage> {
  switch (signal) {
    case 'tracing':
      return tracePages(store, filters);
    case 'metrics':
      return eventPages(async (args) => {
        const { metrics, pagination } = await store.listMetrics({ filters, ...args });
        return { events: metrics, pagination };
      });
    case 'logs':
      return eventPages(async (args) => {
        const { logs, pagination } = await store.listLogs({ filters, ...args });
        return { events: logs, pagination };
      });
    case 'scores':
      return eventPages(async (args) => {
        const { scores, pagination } = await store.listScores({ filters, ...args });
        return { events: scores, pagination };
      });
    case 'feedback':
      return eventPages(async (args) => {
        const { feedback, pagination } = await store.listFeedback({ filters, ...args });
        return { events: feedback, pagination };
      });
  }
}

async function* tracePages(
  store: ObservabilityStorage,
  { timestamp, ...filters }: SharedFilters,
): AsyncGenerator<ExportPage> {
  const wanted = { ...filters, ...(timestamp && { startedAt: timestamp }) };
  const pages = keysetPages(TRACES_AT_A_TIME, async (args) => {
    const { spans, pagination } = await store.listTraces({ filters: wanted, ...args });
    return { events: spans, pagination };
  });
  for await (const { events: entries, total } of pages) {
    const traces = await Promise.all(entries.map(({ traceId }) => store.getTrace({ traceId })));
    const events = traces.flatMap((trace) => trace?.spans.map(eventOf) ?? []);
    yield { events, done: entries.length, total };
  }
}

/** The one event that says all that is known of a span. */
function eventOf(span: ExportedSpan): ObservabilityEvent {
  const hasEnded = span.isEvent || span.endUnixMicro !== undefined;
  return { type: hasEnded ? 'span.ended' : 'span.started', exportedSpan: span };
}

async function* eventPages<E extends ObservabilityEvent>(list: List<E>): AsyncGenerator<ExportPage> {
  for await (const { events, total } of keysetPages(EVENTS_AT_A_TIME, list)) {
    yield { events, done: events.length, total };
  }
}

interface PageArgs {
  pagination: { perPage: number; after?: string };
  orderBy: { direction: 'ASC' };
}
type List<R> = (args: PageArgs) => Promise<{ events: R[]; pagination: PageInfo }>;

async function* keysetPages<R>(
  perPage: number,
  list: List<R>,
): AsyncGenerator<{ events: R[]; total: number }> {
  let after: string | undefined;
  let total: number | undefined;
  do {
    const page = { perPage, ...(after !== undefined && { after }) };
    const { events, pagination } = await list({ pagination: page, orderBy: { direction: 'ASC' } });
    total ??= pagination.total;
    if (events.length > 0) yield { events, total };
    after = pagination.nextCursor;
  } while (after !== undefined);
}
