import type { FeedbackEvent, ScoreEvent } from '../../core/index.ts';
import type { ScoreRange } from './options.ts';

/** One item of `/feedback`. */
export interface FeedbackItem {
  /** The row it is about. */
  id: string;
  /** 0 to 1, by name. */
  scores?: Record<string, number>;
  /** What the output should have been. */
  expected?: unknown;
  comment?: string;
  /** Kept with the entry of the row's history, not on the row. */
  metadata?: Record<string, unknown>;
  source: 'app' | 'api' | 'external';
}

/** A row that is merged into the one with its id. */
export interface MergeRow {
  id: string;
  _is_merge: true;
  metadata: Record<string, unknown>;
}

/** What is sent for one event, and what its user should know about it. */
export interface Judgement {
  /** Where a number from 0 to 1, a correction or a comment goes. */
  feedback?: FeedbackItem;
  /** Where everything else goes, since `/feedback` has no place for it. */
  merge?: MergeRow;
  /** A number that is no score for Braintrust. */
  outOfRange?: { name: string; value: number };
}

/** The ranges of scorers and types of feedback, by name. */
export type ScoreRanges = Readonly<Record<string, ScoreRange>>;

/** A score in the form Braintrust takes; a label, or a number outside its range, becomes metadata of the row. */
export function judgementOfScore({ score }: ScoreEvent, rowId: string, ranges: ScoreRanges): Judgement {
  const { scorerId: name, score: value, metadata, ...about } = score;
  const details = defined({ ...metadata, ...snake(about) });
  if (value === undefined) return { merge: merge(rowId, 'scores', name, details) };
  const mapped = within(value, rangeOf(name, ranges));
  if (mapped === undefined) {
    const all = { score: value, ...details };
    return { merge: merge(rowId, 'scores', name, all), outOfRange: { name, value } };
  }
  const raw = mapped === value ? details : { ...details, raw_score: value };
  return { feedback: feedbackItem(rowId, { scores: { [name]: mapped } }, raw, 'external') };
}

/**
 * Feedback in the form Braintrust takes: thumbs become 1 or 0, a number in its range a score, a correction the
 * expected output. What has neither, nor a comment, becomes metadata of the row.
 */
export function judgementOfFeedback(event: FeedbackEvent, rowId: string, ranges: ScoreRanges): Judgement {
  const { feedbackType: name, value, comment, userId, source, metadata } = event.feedback;
  const details = defined({ ...metadata, feedback_type: name, value, user_id: userId, source });
  const number = numberOf(name, value, ranges);
  const mapped = number === undefined ? undefined : within(number, rangeOf(name, ranges));
  const outOfRange =
    number !== undefined && mapped === undefined ? { outOfRange: { name, value: number } } : {};
  const content = defined({
    scores: mapped === undefined ? undefined : { [name]: mapped },
    expected: name === 'correction' ? value : undefined,
    comment: comment || undefined,
  });
  if (Object.keys(content).length === 0)
    return { merge: merge(rowId, 'feedback', name, details), ...outOfRange };
  return { feedback: feedbackItem(rowId, content, details, source), ...outOfRange };
}

const UNIT: ScoreRange = { min: 0, max: 1 };

function rangeOf(name: string, ranges: ScoreRanges): ScoreRange {
  return Object.hasOwn(ranges, name) ? ranges[name]! : UNIT;
}

/** The number that feedback stands for. A thumb is up or down however it was written; other words are no numbers. */
function numberOf(name: string, value: number | string, ranges: ScoreRanges): number | undefined {
  if (name === 'correction') return undefined;
  if (name === 'thumbs' && !Object.hasOwn(ranges, name)) {
    if (value === 'up') return 1;
    if (value === 'down' || value === -1) return 0;
  }
  return typeof value === 'number' ? value : undefined;
}

/** A value mapped to 0..1; undefined when it lies outside. */
function within(value: number, { min, max }: ScoreRange): number | undefined {
  const mapped = (value - min) / (max - min) + 0; // no -0
  return mapped >= 0 && mapped <= 1 ? mapped : undefined;
}

const SOURCES = new Set(['app', 'api', 'external']);

function feedbackItem(
  id: string,
  content: Pick<FeedbackItem, 'scores' | 'expected' | 'comment'>,
  metadata: Record<string, unknown>,
  source: string | undefined,
): FeedbackItem {
  const known = SOURCES.has(source ?? '') ? (source as FeedbackItem['source']) : 'external';
  return {
    id,
    ...content,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    source: known,
  };
}

function merge(id: string, kind: 'scores' | 'feedback', name: string, value: object): MergeRow {
  return { id, _is_merge: true, metadata: { [kind]: { [name]: value } } };
}

function snake({ scorerName, scorerVersion, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return { scorer_name: scorerName, scorer_version: scorerVersion, ...rest };
}

function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as never;
}
