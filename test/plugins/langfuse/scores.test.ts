import { expect } from 'chai';
import fc from 'fast-check';
import type { FeedbackEvent, ScoreEvent } from '../../../core/index.ts';
import { toScore } from '../../../plugins/langfuse/map/score.ts';
import { scoreProblems } from './score-rules.ts';
import { feedbackOf, SPAN_ID, scoreOf, TRACE_ID } from './spans.ts';

const onTrace = { traceId: TRACE_ID };
const inSession = { traceId: undefined, correlation: { sessionId: 'chat-1' } } as never;
const ofFeedback = (metadata: object = {}) => ({ ...metadata, feedbackId: 'f-1' });
const long = 'x'.repeat(600);

/** The event, and what is sent; the ids are told apart by the kind of event. */
const MATRIX: [string, ScoreEvent | FeedbackEvent, Record<string, unknown>][] = [
  ['a number', scoreOf({ score: 0.25 }), { ...onTrace, name: 'relevance', dataType: 'NUMERIC', value: 0.25 }],
  [
    'a label',
    scoreOf({ label: 'poor' }),
    { ...onTrace, name: 'relevance', dataType: 'CATEGORICAL', value: 'poor' },
  ],
  [
    'a number with a label, a reason and its scorer',
    scoreOf({
      score: 1,
      label: 'good',
      reason: 'on topic',
      scorerName: 'Relevance',
      scorerVersion: '2',
      source: 'live',
      metadata: { run: 7 },
    }),
    {
      ...onTrace,
      name: 'relevance',
      dataType: 'NUMERIC',
      value: 1,
      comment: 'on topic',
      metadata: { run: 7, scorerName: 'Relevance', scorerVersion: '2', source: 'live', label: 'good' },
    },
  ],
  [
    'a score on a span',
    scoreOf({ score: 1 }, { spanId: SPAN_ID }),
    { ...onTrace, observationId: SPAN_ID, name: 'relevance', dataType: 'NUMERIC', value: 1 },
  ],
  [
    'a score on a session',
    scoreOf({ score: 1 }, inSession),
    { sessionId: 'chat-1', name: 'relevance', dataType: 'NUMERIC', value: 1 },
  ],
  [
    'thumbs up',
    feedbackOf({ feedbackType: 'thumbs', value: 1 }),
    { ...onTrace, name: 'user-thumbs', dataType: 'BOOLEAN', value: 1, metadata: ofFeedback() },
  ],
  [
    'thumbs down',
    feedbackOf({ feedbackType: 'thumbs', value: -1 }),
    { ...onTrace, name: 'user-thumbs', dataType: 'BOOLEAN', value: 0, metadata: ofFeedback() },
  ],
  [
    'thumbs as a word',
    feedbackOf({ feedbackType: 'thumbs', value: 'Up' }),
    { ...onTrace, name: 'user-thumbs', dataType: 'BOOLEAN', value: 1, metadata: ofFeedback() },
  ],
  [
    'a rating with comment, user and source',
    feedbackOf({ feedbackType: 'rating', value: 4, comment: 'fine', userId: 'u-1', source: 'widget' }),
    {
      ...onTrace,
      name: 'user-rating',
      dataType: 'NUMERIC',
      value: 4,
      comment: 'fine',
      metadata: ofFeedback({ userId: 'u-1', source: 'widget' }),
    },
  ],
  [
    'a word',
    feedbackOf({ feedbackType: 'mood', value: 'happy' }),
    { ...onTrace, name: 'user-mood', dataType: 'CATEGORICAL', value: 'happy', metadata: ofFeedback() },
  ],
  [
    'a comment alone',
    feedbackOf({ feedbackType: 'comment', value: '', comment: 'too slow' }),
    { ...onTrace, name: 'user-comment', dataType: 'TEXT', value: 'too slow', metadata: ofFeedback() },
  ],
  [
    'a text that is too long',
    feedbackOf({ feedbackType: 'comment', value: long }),
    {
      ...onTrace,
      name: 'user-comment',
      dataType: 'TEXT',
      value: 'x'.repeat(500),
      metadata: ofFeedback({ rest: 'x'.repeat(100) }),
    },
  ],
  [
    'a correction',
    feedbackOf({ feedbackType: 'correction', value: 'Paris' }),
    { ...onTrace, name: 'output', dataType: 'CORRECTION', value: 'Paris', metadata: ofFeedback() },
  ],
  [
    'a correction of a session, which Langfuse takes as text only',
    feedbackOf({ feedbackType: 'correction', value: 'Paris' }, inSession),
    {
      sessionId: 'chat-1',
      name: 'user-correction',
      dataType: 'TEXT',
      value: 'Paris',
      metadata: ofFeedback(),
    },
  ],
];

const REFUSED: [string, ScoreEvent | FeedbackEvent, string][] = [
  ['a score on nothing', scoreOf({ score: 1 }, { traceId: undefined } as never), 'on a trace or a session'],
  [
    'a score on a span without a trace',
    scoreOf({ score: 1 }, { traceId: undefined, spanId: SPAN_ID } as never),
    'needs the id of its trace',
  ],
  ['a score of nothing', scoreOf({}), 'neither a finite number nor a label'],
  ['a score that is no number', scoreOf({ score: Number.NaN }), 'neither a finite number nor a label'],
  ['an empty label', scoreOf({ label: '' }), 'neither a finite number nor a label'],
  ['feedback without words', feedbackOf({ feedbackType: 'comment', value: '' }), 'says nothing'],
  [
    'a rating that is no number',
    feedbackOf({ feedbackType: 'rating', value: Number.POSITIVE_INFINITY }),
    'says nothing',
  ],
];

describe('a score for Langfuse', () => {
  for (const [what, event, expected] of MATRIX)
    it(`is made of ${what}`, () => {
      const mapped = toScore(event);
      expect(mapped).to.deep.equal({ score: { id: event.id, ...expected } });
      expect(scoreProblems((mapped as { score: never }).score)).to.deep.equal([]);
    });

  for (const [what, event, problem] of REFUSED)
    it(`is not made of ${what}`, () => {
      expect(toScore(event)).to.have.property('problem').that.includes(problem);
    });

  it('is in the environment of the options, else of the event, as the server takes it', () => {
    const event = scoreOf({ score: 1 }, { correlation: { environment: 'Prod EU' } });
    expect(toScore(event)).to.have.nested.property('score.environment', 'prod-eu');
    expect(toScore(event, 'staging')).to.have.nested.property('score.environment', 'staging');
  });

  it('keeps rules of the server for any feedback, or is not made', () => {
    const word = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('up', 'down', long));
    const event = fc.record({
      feedbackType: fc.oneof(
        fc.constantFrom('thumbs', 'rating', 'comment', 'correction'),
        fc.string({ minLength: 1 }),
      ),
      value: fc.oneof(fc.double(), word),
      comment: fc.option(word, { nil: undefined }),
    });
    fc.assert(
      fc.property(event, fc.boolean(), (feedback, isOnTrace) => {
        const mapped = toScore(feedbackOf(feedback as never, isOnTrace ? {} : inSession));
        if ('score' in mapped) expect(scoreProblems(mapped.score)).to.deep.equal([]);
      }),
    );
  });
});
