import { once } from '../once.ts';
import type { Labels, MetricEvent } from '../signals/metrics.ts';

/** The labels of everything beyond the cap (OpenTelemetry metrics SDK, "overflow attribute"). */
export const OVERFLOW_LABELS: Labels = Object.freeze({ 'otel.metric.overflow': 'true' });

const crypto = once(() => process.getBuiltinModule('node:crypto'));

/** Metric names beyond this many share one overflow as well, so that made-up names cannot fill the memory. */
const MAX_METRICS = 10_000;

/** A longer text for a label set is kept as its hash, so that prompts used as labels cannot fill the memory either. */
const MAX_KEY_LENGTH = 256;

/**
 * Caps the label sets of each metric: the first `maxSeries` keep theirs, the values of all others go into one
 * overflow series, so that totals stay true.
 */
export function createLabelCap(maxSeries: number, onOverflow: (metric: string) => void) {
  const seriesByMetric = new Map<string, Set<string>>();

  function isKnown(event: MetricEvent): boolean {
    let series = seriesByMetric.get(event.name);
    if (!series) {
      if (seriesByMetric.size >= MAX_METRICS) return false;
      series = new Set();
      seriesByMetric.set(event.name, series);
    }
    const key = seriesKey(event.labels);
    if (series.has(key)) return true;
    if (series.size >= maxSeries) return false;
    series.add(key);
    return true;
  }

  return (event: MetricEvent): MetricEvent => {
    if (isKnown(event)) return event;
    onOverflow(event.name);
    return { ...event, labels: OVERFLOW_LABELS };
  };
}

/** The same for the same labels in any order. */
function seriesKey(labels: Labels): string {
  const keys = sorted(Object.keys(labels));
  let text = '';
  // With the lengths before them, no two sets of labels read alike.
  for (const key of keys) {
    const value = `${labels[key]}`;
    text += `${key.length}:${key}${value.length}:${value}`;
  }
  return text.length > MAX_KEY_LENGTH ? crypto().createHash('sha256').update(text).digest('base64') : text;
}

/** Sorted in place: for a few words, much cheaper than the sort of the language. */
function sorted(words: string[]): string[] {
  for (let i = 1; i < words.length; i++) {
    const word = words[i]!;
    let at = i;
    for (; at > 0 && words[at - 1]! > word; at--) words[at] = words[at - 1]!;
    words[at] = word;
  }
  return words;
}
