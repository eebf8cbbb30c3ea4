import { ObsError, type ObservabilityStorage, type Trace, type TraceSummary } from '../core/index.ts';
import { dateTime } from './render/amounts.ts';

const PER_PAGE = 1_000;
const MAX_CANDIDATES = 10;

/**
 * The trace that `last`, an id or the beginning of an id means.
 * @throws ObsError `OBS_TRACE_NOT_FOUND`, or `OBS_TRACE_AMBIGUOUS` that lists the candidates.
 */
export async function findTrace(store: ObservabilityStorage, id: string): Promise<Trace> {
  const traceId = id === 'last' ? await newestTraceId(store) : id;
  const trace = (await store.getTrace({ traceId })) ?? (await traceByPrefix(store, traceId));
  if (!trace) throw new ObsError('OBS_TRACE_NOT_FOUND', `no stored trace has an id that begins with "${id}"`);
  return trace;
}

async function newestTraceId(store: ObservabilityStorage): Promise<string> {
  const { spans } = await store.listTraces({ pagination: { perPage: 1 } });
  if (!spans[0]) throw new ObsError('OBS_TRACE_NOT_FOUND', 'no traces are stored');
  return spans[0].traceId;
}

async function traceByPrefix(store: ObservabilityStorage, prefix: string): Promise<Trace | null> {
  const [first, ...others] = await candidates(store, prefix);
  if (!first) return null;
  if (others.length === 0) return store.getTrace({ traceId: first.traceId });
  const listed = [first, ...others].map(
    ({ traceId, name, startTime }) => `\n  ${traceId}  ${dateTime(startTime)}  ${name}`,
  );
  const several = listed.length > MAX_CANDIDATES ? 'many' : `${listed.length}`;
  throw new ObsError(
    'OBS_TRACE_AMBIGUOUS',
    `"${prefix}" begins the ids of ${several} traces:${listed.slice(0, MAX_CANDIDATES).join('')}`,
  );
}

/** The traces whose ids begin with a text, the newest first; at most one more than are shown. */
async function candidates(store: ObservabilityStorage, prefix: string): Promise<TraceSummary[]> {
  const found: TraceSummary[] = [];
  for (let page = 0, hasMore = true; hasMore && found.length <= MAX_CANDIDATES; page++) {
    const { spans, pagination } = await store.listTraces({ pagination: { page, perPage: PER_PAGE } });
    found.push(...spans.filter(({ traceId }) => traceId.startsWith(prefix)));
    hasMore = pagination.hasMore;
  }
  return found;
}
