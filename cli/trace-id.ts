import { ObsError, type ObservabilityStorage, type Trace } from '../core/index.ts';
import { dateTime } from './render/amounts.ts';

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
  const { spans, pagination } = await store.listTraces({
    filters: { traceIdPrefix: prefix },
    pagination: { perPage: MAX_CANDIDATES },
  });
  if (!spans[0]) return null;
  if (pagination.total === 1) return store.getTrace({ traceId: spans[0].traceId });
  const listed = spans.map(
    ({ traceId, name, startTime }) => `\n  ${traceId}  ${dateTime(startTime)}  ${name}`,
  );
  throw new ObsError(
    'OBS_TRACE_AMBIGUOUS',
    `"${prefix}" begins the ids of ${pagination.total} traces:${listed.join('')}`,
  );
}
