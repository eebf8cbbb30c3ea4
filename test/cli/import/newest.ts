import type { ExportedSpan, ObservabilityEvent } from '../../../core/index.ts';

/** The spans that events tell of, each as its last snapshot, in the order of their first. */
export function newestSpans(events: readonly ObservabilityEvent[]): ExportedSpan[] {
  const spans = new Map<string, ExportedSpan>();
  for (const event of events)
    if ('exportedSpan' in event) spans.set(event.exportedSpan.id, event.exportedSpan);
  return [...spans.values()];
}
