import type { TracingEvent } from '../../core/index.ts';
import type { Judge } from './rules.ts';

/** Verdicts that are remembered; those of the spans that were judged longest ago go first. */
const MAX_VERDICTS = 10_000;

/**
 * Judges a span once, by the first event of it that is seen, so that it goes on as a whole or not at all; what is below
 * a dropped span is dropped as well.
 */
export function judgeSpans(isKept: Judge): (event: TracingEvent) => boolean {
  const dropped = new Set<string>();
  const kept = new Set<string>();

  function remember(verdicts: Set<string>, key: string): void {
    verdicts.add(key);
    const [oldest] = verdicts;
    if (verdicts.size > MAX_VERDICTS && oldest !== undefined) verdicts.delete(oldest);
  }

  return (event) => {
    const { traceId, id, parentSpanId } = event.exportedSpan;
    const key = traceId + id;
    if (dropped.has(key)) return false;
    if (kept.has(key)) {
      if (event.type === 'span.ended') kept.delete(key);
      return true;
    }
    const isBelowDropped = parentSpanId !== undefined && dropped.has(traceId + parentSpanId);
    if (isBelowDropped || !isKept(event)) {
      remember(dropped, key);
      return false;
    }
    if (event.type !== 'span.ended') remember(kept, key);
    return true;
  };
}
