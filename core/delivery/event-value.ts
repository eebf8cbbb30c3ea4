import type { LogEvent } from '../signals/logs.ts';
import type { AnyExportedSpan } from '../signals/tracing.ts';

/** What an event is worth where not all can be kept: what is of less value gives way first. */
export type Value = 0 | 1 | 2 | 3 | 4;

/** Updates of spans and debug logs: what comes later says more. */
export const DETAIL: Value = 0;
export const ORDINARY: Value = 1;
/** Ends of root spans: without them a trace has neither a result nor a duration. */
export const ROOT: Value = 2;
/** Errors of spans, ends of spans that failed, logs of level `error` and `fatal`. */
export const ERROR: Value = 3;
/** Scores and feedback: somebody judged, and will not do it again. */
export const JUDGEMENT: Value = 4;

/** All values, the least first. */
export const VALUES: readonly Value[] = [DETAIL, ORDINARY, ROOT, ERROR, JUDGEMENT];

/** The value of an event; ordinary for one of another make. Never throws. */
export function eventValue(event: object): Value {
  const { type, exportedSpan, record } = event as Parts;
  switch (type) {
    case 'span.updated':
      return DETAIL;
    case 'span.ended':
      if (exportedSpan?.status === 'error') return ERROR;
      return exportedSpan?.isRootSpan ? ROOT : ORDINARY;
    case 'span.error':
      return ERROR;
    case 'log':
      return valueOfLog(record?.level);
    case 'score':
    case 'feedback':
      return JUDGEMENT;
    default:
      return ORDINARY;
  }
}

/** What is looked at; an event of another make may have none of it. */
interface Parts {
  type?: unknown;
  exportedSpan?: Partial<AnyExportedSpan>;
  record?: Partial<LogEvent['record']>;
}

function valueOfLog(level: unknown): Value {
  if (level === 'debug') return DETAIL;
  return level === 'error' || level === 'fatal' ? ERROR : ORDINARY;
}
