import type { FeedbackInput } from '../../../core/index.ts';

/** Characters that Langfuse takes as a text score. */
const MAX_TEXT = 500;
/** A longer word is a text, not a category to count. */
const MAX_CATEGORY = 100;

const UP = new Set<unknown>([1, '1', 'up', 'thumbs-up', 'positive', 'like', 'good', 'true']);
const DOWN = new Set<unknown>([
  -1,
  0,
  '-1',
  '0',
  'down',
  'thumbs-down',
  'negative',
  'dislike',
  'bad',
  'false',
]);
const FREE_TEXT = new Set(['comment', 'text', 'free-text']);

/** The value of a score and its type. `BOOLEAN` is 0 or 1; `TEXT` has at most 500 characters. */
export type ScoreValue =
  | { dataType: 'NUMERIC' | 'BOOLEAN'; value: number }
  | { dataType: 'CATEGORICAL' | 'TEXT' | 'CORRECTION'; value: string };

/** What a piece of feedback is worth as a score; `rest` is what a text score has no room for. */
export type FeedbackValue = ScoreValue & { comment?: string | undefined; rest?: string };

/**
 * Thumbs are a yes or no, a number is a number, a correction is the right output, a word is a category, and a longer
 * text, or a comment alone, is a text. Undefined for feedback that says nothing.
 * @param isOnTrace false: about a session, which cannot be corrected.
 */
export function feedbackValue(feedback: FeedbackInput, isOnTrace: boolean): FeedbackValue | undefined {
  const { feedbackType, value, comment } = feedback;
  const kind = feedbackType.toLowerCase();
  const word = typeof value === 'string' ? value.trim() : value;
  if (kind === 'thumbs' || kind === 'thumb') {
    const thumbs = thumbsValue(word);
    if (thumbs !== undefined) return { dataType: 'BOOLEAN', value: thumbs, comment };
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) ? { dataType: 'NUMERIC', value, comment } : undefined;
  }
  if (word === '') return comment ? text(comment) : undefined;
  if (kind === 'correction' && isOnTrace) return { dataType: 'CORRECTION', value, comment };
  if (kind === 'correction' || FREE_TEXT.has(kind) || value.length > MAX_CATEGORY)
    return { ...text(value), comment };
  return { dataType: 'CATEGORICAL', value, comment };
}

function thumbsValue(word: string | number): 0 | 1 | undefined {
  const known = typeof word === 'string' ? word.toLowerCase() : word;
  if (UP.has(known)) return 1;
  return DOWN.has(known) ? 0 : undefined;
}

function text(whole: string): FeedbackValue {
  if (whole.length <= MAX_TEXT) return { dataType: 'TEXT', value: whole };
  // Not between the halves of a surrogate pair.
  const end = /[\ud800-\udbff]/.test(whole[MAX_TEXT - 1]!) ? MAX_TEXT - 1 : MAX_TEXT;
  return { dataType: 'TEXT', value: whole.slice(0, end), rest: whole.slice(end) };
}
