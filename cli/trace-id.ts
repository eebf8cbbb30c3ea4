import { ObsError, type ObservabilityStorage, type Trace } from '../core/index.ts';
import { dateTime } from './render/amounts.ts';

const MAX_CANDIDATES = 10;
const ID_LENGTH = 32;

/**
 * The trace that `last`, an id or the beginning of an id means.
 * @throws ObsError `OBS_TRACE_NOT_FOUND`, or `OBS_TRACE_AMBIGUOUS` that lists the candidates.
 */
export async function findTrace(store: ObservabilityStorage, id: string): Promise<Trace> {
  const traceId = id === 'last' ? await newestTraceId(store) : id;
  const trace = (await store.getTrace({ traceId })) ?? (await traceByPrefix(store, traceId));
  if (!trace) throw noTrace(id);
  return trace;
}

function noTrace(id: string): ObsError {
  return new ObsError('OBS_TRACE_NOT_FOUND', `no stored trace has an id that begins with "${id}"`);
}

/**
 * The id that `last` or the beginning of an id means; a whole id is taken as it is, since events may be of a trace
 * without spans.
 * @throws ObsError like {@link findTrace}.
 */
export async function findTraceId(store: ObservabilityStorage, id: string): Promise<string> {
  if (id === 'last') return newestTraceId(store);
  if (id.length === ID_LENGTH) return id;
  const found = await idByPrefix(store, id);
  if (found === undefined) throw noTrace(id);
  return found;
}

async function newestTraceId(store: ObservabilityStorage): Promise<string> {
  const { spans } = await store.listTraces({ pagination: { perPage: 1 } });
  if (!spans[0]) throw new ObsError('OBS_TRACE_NOT_FOUND', 'no traces are stored');
  return spans[0].traceId;
}

async function traceByPrefix(store: ObservabilityStorage, prefix: string): Promise<Trace | null> {
  const traceId = await idByPrefix(store, prefix);
  return traceId === undefined ? null : store.getTrace({ traceId });
}

async function idByPrefix(store: ObservabilityStorage, prefix: string): Promise<string | undefined> {
  const { spans, pagination } = await store.listTraces({
    filters: { traceIdPrefix: prefix },
    pagination: { perPage: MAX_CANDIDATES },
  });
  if (pagination.total <= 1) return spans[0]?.traceId;
  const listed = spans.map(
    ({ traceId, name, startTime }) => `\n  ${traceId}  ${dateTime(startTime)}  ${name}`,
  );
  throw new ObsError(
    'OBS_TRACE_AMBIGUOUS',
    `"${prefix}" begins the ids of ${pagination.total} traces:${listed.join('')}`,
  );
}
