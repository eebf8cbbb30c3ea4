import {
  type FeedbackEvent,
  type LogEvent,
  printable,
  type ScoreEvent,
  type TraceSummary,
} from '../../core/index.ts';
import { clockTime, cost, counted, number, tokens } from './amounts.ts';
import { durationOf } from './span-words.ts';
import type { Style } from './style.ts';
import { statusWord } from './trace-header.ts';
import { fitTo } from './width.ts';

/** A trace as it is now, in one line. */
export function traceTail(trace: TraceSummary, style: Style): string {
  const { traceId, name, status, startTime, endTime = startTime, spanCount, errorCount } = trace;
  const { inputTokens = 0, outputTokens = 0 } = trace;
  const used = inputTokens + outputTokens;
  return line(endTime, 'trace', traceId, style, [
    statusWord(status, style)(status),
    style.bold(printable(name)),
    status === 'running' ? '' : durationOf(trace),
    counted(spanCount, 'span'),
    errorCount > 0 ? style.red(counted(errorCount, 'error')) : '',
    used > 0 ? `${tokens(used)} tok` : '',
    trace.cost === undefined ? '' : cost(trace.cost),
  ]);
}

/** A log in one line. */
export function logTail({ record, timestamp, traceId }: LogEvent, style: Style): string {
  const { level, message, data } = record;
  const paint = {
    debug: style.dim,
    info: style.green,
    warn: style.yellow,
    error: style.red,
    fatal: style.red,
  };
  const more = data === undefined ? '' : style.dim(printable(JSON.stringify(data)));
  return line(timestamp, 'log', traceId, style, [paint[level](level), printable(message), more]);
}

/** A score in one line. */
export function scoreTail({ score, timestamp, traceId }: ScoreEvent, style: Style): string {
  const { scorerName, scorerId, label = '', reason = '' } = score;
  return line(timestamp, 'score', traceId, style, [
    style.bold(printable(scorerName ?? scorerId)),
    score.score === undefined ? '' : number(score.score),
    printable(label),
    printable(reason),
  ]);
}

/** Feedback in one line. */
export function feedbackTail({ feedback, timestamp, traceId }: FeedbackEvent, style: Style): string {
  const { feedbackType, value, userId, comment = '' } = feedback;
  return line(timestamp, 'feedback', traceId, style, [
    style.bold(printable(feedbackType)),
    printable(String(value)),
    userId === undefined ? '' : `by ${printable(userId)}`,
    printable(comment),
  ]);
}

const KIND_COLUMNS = 8;
const ID_COLUMNS = 16;

function line(
  time: Date,
  kind: string,
  traceId: string | undefined,
  style: Style,
  parts: readonly string[],
): string {
  const id = fitTo(printable(traceId ?? '').slice(0, ID_COLUMNS), ID_COLUMNS);
  const head = style.dim(`${clockTime(time)}  ${id}  ${fitTo(kind, KIND_COLUMNS)}`);
  return [head, ...parts.filter((part) => part !== '')].join('  ');
}
