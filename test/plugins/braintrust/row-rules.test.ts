import { expect } from 'chai';
import { toRow } from '../../../plugins/braintrust/index.ts';
import { span } from './events.ts';
import { feedbackProblems, rowProblems } from './row-rules.ts';

/** The refusals that were seen with the vendor's own description of the API. */
const REFUSED: Record<string, object> = {
  'a score of 1.5': { scores: { relevance: 1.5 } },
  'a metric that is text': { metrics: { start: 1, prompt_tokens: '12' } },
  'half a token': { metrics: { start: 1, completion_tokens: 1.5 } },
  'a span type "agent"': { span_attributes: { name: 'a', type: 'agent' } },
  'tags that are one text': { tags: 'beta' },
  'a tag that comes twice': { tags: ['beta', 'beta'] },
  'a creation time that is a number': { created: 1_767_323_045 },
  'a parent that is no list': { span_parents: 'fedcba9876543210' },
  'metadata that is a list': { metadata: [] },
  'a field that nobody knows': { trace_id: 'x' },
};

describe('the rules of rows that the tests check by', () => {
  it('take a row of ours', () => {
    expect(rowProblems(toRow(span()))).to.deep.equal([]);
  });

  for (const [what, patch] of Object.entries(REFUSED)) {
    it(`refuse ${what}`, () => {
      expect(rowProblems({ ...toRow(span()), ...patch })).to.have.lengthOf(1);
    });
  }

  it('refuse feedback that says nothing, or a score beyond 1', () => {
    expect(feedbackProblems({ id: 'a', scores: { x: 1 }, source: 'external' })).to.deep.equal([]);
    expect(feedbackProblems({ id: 'a', metadata: { x: 1 } })).to.deep.equal(['nothing is said']);
    expect(feedbackProblems({ id: 'a', scores: { x: 1.01 } })).to.have.lengthOf(1);
  });
});
