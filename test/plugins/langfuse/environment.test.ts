import { expect } from 'chai';
import fc from 'fast-check';
import { sanitizeEnvironment } from '../../../plugins/langfuse/map/environment.ts';

describe('an environment for Langfuse', () => {
  const cases: [string | undefined, string | undefined][] = [
    ['production', 'production'],
    ['Prod EU', 'prod-eu'],
    ['pre.prod/1', 'pre-prod-1'],
    ['under_score', 'under_score'],
    ['langfuse', undefined],
    ['Langfuse-prod', 'prod'],
    ['langfuselangfuse-x', 'x'],
    ['x'.repeat(60), 'x'.repeat(40)],
    ['東京', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [given, expected] of cases)
    it(`makes ${JSON.stringify(expected)} of ${JSON.stringify(given)}`, () => {
      expect(sanitizeEnvironment(given)).to.equal(expected);
    });

  it('is always one that the server keeps', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const made = sanitizeEnvironment(text);
        if (made !== undefined) expect(made).to.match(/^(?!langfuse)[a-z0-9_-]{1,40}$/);
      }),
    );
  });
});
