import type { LastEvents } from '../../core/index.ts';
import type { Call } from './access.ts';

/** What is left at the end of a process as writes; every snapshot of a span is whole, and merged when it is written. */
export function lastWrites({
  tracing = [],
  metrics = [],
  logs = [],
  scores = [],
  feedback = [],
}: LastEvents): Call[] {
  const spans = tracing.map(({ exportedSpan }) => exportedSpan);
  const records = { spans, metrics, logs, scores, feedback };
  return (Object.keys(records) as (keyof typeof records)[])
    .filter((what) => records[what].length > 0)
    .map((what) => ({ kind: 'write', what, records: records[what] }));
}
