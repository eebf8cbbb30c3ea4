import { type FeedbackEvent, type LogEvent, printable, type ScoreEvent } from '../../core/index.ts';
import { clockTime } from './amounts.ts';
import type { TreeRow } from './forest.ts';
import type { Style } from './style.ts';
import { cutTo, fitTo } from './width.ts';

const MAX_LINES = 50;

/** What is shown beneath a trace. */
export interface Linked {
  scores?: readonly ScoreEvent[];
  feedback?: readonly FeedbackEvent[];
  logs?: readonly LogEvent[];
}

/** The scores, feedback and logs of a trace: a title with their number, and a line for each of the first fifty. */
export function linkedLines(
  rows: readonly TreeRow[],
  { scores = [], feedback = [], logs = [] }: Linked,
  width: number,
  style: Style,
): string[] {
  const names = new Map(rows.map(({ span }): [string, string] => [span.id, span.name]));
  const on = (spanId: string | undefined) =>
    spanId === undefined ? '' : `on ${names.get(spanId) ?? spanId}`;
  return [
    ...section('scores', scores, (score) => scoreLine(score, on(score.spanId)), width, style),
    ...section('feedback', feedback, (given) => feedbackLine(given, on(given.spanId)), width, style),
    ...section('logs', logs, logLine, width, style),
  ];
}

function section<E>(
  title: string,
  events: readonly E[],
  lineOf: (event: E) => string,
  width: number,
  style: Style,
): string[] {
  if (events.length === 0) return [];
  const lines = events.slice(0, MAX_LINES).map((event) => cutTo(`  ${printable(lineOf(event))}`, width));
  const more = events.length - lines.length;
  return [
    '',
    style.bold(`${title} (${events.length})`),
    ...lines,
    ...(more > 0 ? [`  … ${more} more, with --json`] : []),
  ];
}

function scoreLine({ score }: ScoreEvent, target: string): string {
  const judgement = [score.score, score.label].filter((part) => part !== undefined).join(' ');
  return joined(score.scorerName ?? score.scorerId, judgement, target, score.reason);
}

function feedbackLine({ feedback }: FeedbackEvent, target: string): string {
  const { feedbackType, value, userId, comment } = feedback;
  return joined(
    feedbackType,
    String(value),
    target,
    userId === undefined ? undefined : `by ${userId}`,
    comment,
  );
}

function logLine({ record, timestamp }: LogEvent): string {
  const data = record.data === undefined ? undefined : JSON.stringify(record.data);
  return joined(clockTime(timestamp), fitTo(record.level, 5), record.message, data);
}

function joined(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('  ');
}
