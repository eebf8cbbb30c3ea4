import { expect } from 'chai';
import type { FeedbackInput, ScoreInput } from '../../../core/index.ts';
import { judgementOfFeedback, judgementOfScore } from '../../../plugins/braintrust/scores.ts';
import { feedback, score } from './events.ts';
import { feedbackProblems, rowProblems } from './row-rules.ts';

const RANGES = { grade: { min: 0, max: 100 }, rating: { min: 1, max: 5 }, errors: { min: 10, max: 0 } };

const said = (item: object) => ({ feedback: { id: 'row', source: 'external', ...item } });
const merged = (metadata: object) => ({ merge: { id: 'row', _is_merge: true, metadata } });

const SCORES: Record<string, [score: Partial<ScoreInput>, judgement: object]> = {
  'a number from 0 to 1': [{ score: 0.25 }, said({ scores: { relevance: 0.25 } })],
  'the worst and the best': [{ score: 0 }, said({ scores: { relevance: 0 } })],
  'a reason and a label beside a number': [
    { score: 1, label: 'good', reason: 'on topic', scorerName: 'Relevance', metadata: { model: 'm' } },
    said({
      scores: { relevance: 1 },
      metadata: { label: 'good', reason: 'on topic', scorer_name: 'Relevance', model: 'm' },
    }),
  ],
  'a number of a range that was configured': [
    { scorerId: 'grade', score: 87 },
    said({ scores: { grade: 0.87 }, metadata: { raw_score: 87 } }),
  ],
  'a scorer whose lower values are better': [
    { scorerId: 'errors', score: 10 },
    said({ scores: { errors: 0 }, metadata: { raw_score: 10 } }),
  ],
  'a number out of range as metadata': [
    { score: 1.5, reason: 'x' },
    {
      ...merged({ scores: { relevance: { score: 1.5, reason: 'x' } } }),
      outOfRange: { name: 'relevance', value: 1.5 },
    },
  ],
  'a negative number as metadata': [
    { score: -0.001 },
    {
      ...merged({ scores: { relevance: { score: -0.001 } } }),
      outOfRange: { name: 'relevance', value: -0.001 },
    },
  ],
  'a label alone as metadata': [
    { label: 'correct' },
    merged({ scores: { relevance: { label: 'correct' } } }),
  ],
};

const FEEDBACK: Record<string, [feedback: Partial<FeedbackInput>, judgement: object]> = {
  'thumbs up': [{}, said({ scores: { thumbs: 1 }, metadata: { feedback_type: 'thumbs', value: 1 } })],
  'thumbs down': [
    { value: -1, userId: 'u-1' },
    said({ scores: { thumbs: 0 }, metadata: { feedback_type: 'thumbs', value: -1, user_id: 'u-1' } }),
  ],
  'thumbs in words': [
    { value: 'down' },
    said({ scores: { thumbs: 0 }, metadata: { feedback_type: 'thumbs', value: 'down' } }),
  ],
  'a rating of a range that was configured': [
    { feedbackType: 'rating', value: 4, comment: 'nice' },
    said({
      scores: { rating: 0.75 },
      comment: 'nice',
      metadata: { feedback_type: 'rating', value: 4 },
    }),
  ],
  'a rating beyond its range, with its comment': [
    { feedbackType: 'rating', value: 9, comment: 'wow' },
    {
      ...said({ comment: 'wow', metadata: { feedback_type: 'rating', value: 9 } }),
      outOfRange: { name: 'rating', value: 9 },
    },
  ],
  'stars of no known range as metadata': [
    { feedbackType: 'stars', value: 4 },
    {
      ...merged({ feedback: { stars: { feedback_type: 'stars', value: 4 } } }),
      outOfRange: { name: 'stars', value: 4 },
    },
  ],
  'a correction as what was expected': [
    { feedbackType: 'correction', value: '42', source: 'app' },
    said({
      expected: '42',
      source: 'app',
      metadata: { feedback_type: 'correction', value: '42', source: 'app' },
    }),
  ],
  'a word as metadata': [
    { feedbackType: 'mood', value: 'calm', source: 'chat-widget' },
    merged({ feedback: { mood: { feedback_type: 'mood', value: 'calm', source: 'chat-widget' } } }),
  ],
};

describe('a judgement for Braintrust', () => {
  for (const [what, [patch, expected]] of Object.entries(SCORES)) {
    it(`of a score says ${what}`, () => {
      const judgement = judgementOfScore(score(patch), 'row', RANGES);
      expect(judgement).to.deep.equal(expected);
      expect(problemsOf(judgement)).to.deep.equal([]);
    });
  }

  for (const [what, [patch, expected]] of Object.entries(FEEDBACK)) {
    it(`of feedback says ${what}`, () => {
      const judgement = judgementOfFeedback(feedback(patch), 'row', RANGES);
      expect(judgement).to.deep.equal(expected);
      expect(problemsOf(judgement)).to.deep.equal([]);
    });
  }

  it('takes no range from the names that every object has', () => {
    const judgement = judgementOfScore(score({ scorerId: 'constructor', score: 0.5 }), 'row', {});
    expect(judgement.feedback?.scores).to.deep.equal({ constructor: 0.5 });
  });
});

function problemsOf({ feedback, merge }: ReturnType<typeof judgementOfScore>): string[] {
  return [...(feedback ? feedbackProblems(feedback) : []), ...(merge ? rowProblems(merge) : [])];
}
