import type { ExportedSpan, TracingEvent } from './signals/tracing.ts';
import type { SpanChange } from './store.ts';

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
  newest: ExportedSpan;
  hasFirst: boolean;
  events: number[];
}

/**
 * Folds the started, updated and ended events of one span to one item: the newest snapshot, by `seq`, whatever the
 * order of the events. A field that only an older snapshot has is kept.
 */
export function foldSpans(batch: readonly TracingEvent[]): FoldedBatch {
  const groups = new Map<string, Group>();
  batch.forEach(({ exportedSpan: span }, index) => {
    const key = `${span.traceId}/${span.id}`;
    const group = groups.get(key);
    if (!group) {
      groups.set(key, { newest: span, hasFirst: span.seq === 1, events: [index] });
      return;
    }
    group.newest = span.seq >= group.newest.seq ? { ...group.newest, ...span } : { ...span, ...group.newest };
    group.hasFirst ||= span.seq === 1;
    group.events.push(index);
  });
  const folded: FoldedBatch = { creates: [], updates: [] };
  for (const { newest, hasFirst, events } of groups.values()) {
    if (hasFirst) folded.creates.push({ record: newest, events });
    else folded.updates.push({ record: changeOf(newest), events });
  }
  return folded;
}

/** A snapshot as a change to a stored span. */
export function changeOf(span: ExportedSpan): SpanChange {
  return { traceId: span.traceId, spanId: span.id, updates: span };
}
