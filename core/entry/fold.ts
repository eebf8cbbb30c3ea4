import type { SpanChange } from '../contract/store.ts';
import type { ExportedSpan, TracingEvent } from '../signals/tracing.ts';

/** A folded item and the positions of the events it stands for. */
export interface Folded<R> {
  record: R;
  events: number[];
}

/** A batch of span events as a store takes it. */
export interface FoldedBatch {
  /** Spans whose first snapshot is in the batch. */
  creates: Folded<ExportedSpan>[];
  /** Spans that were handed over before, in an earlier batch. */
  updates: Folded<SpanChange>[];
}

interface Group {
  snapshots: ExportedSpan[];
  events: number[];
}

/**
 * Folds the started, updated and ended events of one span to one item: the newest snapshot, by `seq`, whatever the
 * order of the events. A field that only an older snapshot has is kept.
 */
export function foldSpans(batch: readonly TracingEvent[]): FoldedBatch {
  const folded: FoldedBatch = { creates: [], updates: [] };
  for (const { snapshots, events } of groupBySpan(batch)) {
    const record = newestOf(snapshots);
    if (snapshots.some(({ seq }) => seq === 1)) folded.creates.push({ record, events });
    else folded.updates.push({ record: changeOf(record), events });
  }
  return folded;
}

/** A snapshot as a change to a stored span. */
export function changeOf(span: ExportedSpan): SpanChange {
  return { traceId: span.traceId, spanId: span.id, updates: span };
}

function groupBySpan(batch: readonly TracingEvent[]): Iterable<Group> {
  const groups = new Map<string, Group>();
  batch.forEach(({ exportedSpan: span }, index) => {
    const key = `${span.traceId}/${span.id}`;
    const group = groups.get(key);
    if (!group) {
      groups.set(key, { snapshots: [span], events: [index] });
      return;
    }
    group.snapshots.push(span);
    group.events.push(index);
  });
  return groups.values();
}

/**
 * The newest snapshot; a field that it lacks comes from the newest of the others that has it. Most lack nothing, so
 * nothing is copied before that is known.
 */
function newestOf(snapshots: ExportedSpan[]): ExportedSpan {
  const [newest, ...older] = snapshots.sort((a, b) => b.seq - a.seq) as unknown as Record<string, unknown>[];
  let folded = newest!;
  for (const snapshot of older) {
    for (const field in snapshot) {
      if (folded[field] !== undefined || snapshot[field] === undefined) continue;
      if (folded === newest) folded = { ...newest };
      folded[field] = snapshot[field];
    }
  }
  return folded as unknown as ExportedSpan;
}
