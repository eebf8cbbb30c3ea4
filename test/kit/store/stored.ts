import assert from 'node:assert/strict';
import type {
  EventOf,
  ExportedSpan,
  ObservabilityEvent,
  ObservabilityStorage,
  Signal,
} from '../../../core/index.ts';

/** What a store keeps of an event: of a tracing event its span, of others the event itself. */
export type Stored = ExportedSpan | EventOf[Exclude<Signal, 'tracing'>];

const ALL = { pagination: { perPage: 1_000 } };

/** The store has these records, each once; whatever else there may be. Of tracing: these spans and no others of their traces. */
export async function assertStored(
  store: ObservabilityStorage,
  signal: Signal,
  wanted: readonly Stored[],
): Promise<void> {
  assert.deepEqual(inOrder(await storedOf(store, signal, wanted)), inOrder(wanted));
}

/** Those of these records that the store has, as it has them. */
export async function storedOf(
  store: ObservabilityStorage,
  signal: Signal,
  wanted: readonly Stored[],
): Promise<Stored[]> {
  const ids = new Set(wanted.map(({ id }) => id));
  const ofThem = (records: readonly Stored[]) => records.filter(({ id }) => ids.has(id));
  if (signal === 'metrics') return ofThem((await store.listMetrics(ALL)).metrics);
  if (signal === 'logs') return ofThem((await store.listLogs(ALL)).logs);
  if (signal === 'scores') return ofThem((await store.listScores(ALL)).scores);
  if (signal === 'feedback') return ofThem((await store.listFeedback(ALL)).feedback);
  const traceIds = [...new Set(wanted.map(({ traceId }) => traceId!))];
  const traces = await Promise.all(traceIds.map((traceId) => store.getTrace({ traceId })));
  return traces.flatMap((trace) => trace?.spans ?? []);
}

/** The record of an event. */
export function recordOf(event: ObservabilityEvent): Stored {
  return 'exportedSpan' in event ? event.exportedSpan : event;
}

function inOrder(records: readonly Stored[]): Stored[] {
  const keyOf = ({ traceId, id }: Stored) => `${traceId} ${id}`;
  return [...records].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
