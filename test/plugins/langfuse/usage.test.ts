import { expect } from 'chai';
import fc from 'fast-check';
import { costDetails, usageDetails } from '../../../plugins/langfuse/map/usage.ts';

describe('tokens for Langfuse', () => {
  const cases: [string, unknown, Record<string, number> | undefined][] = [
    ['two totals', { inputTokens: 10, outputTokens: 5 }, { input: 10, output: 5, total: 15 }],
    [
      'details are taken out of their total',
      {
        inputTokens: 120,
        outputTokens: 45,
        inputDetails: { text: 100, cacheRead: 20 },
        outputDetails: { text: 33, reasoning: 12 },
      },
      { input: 100, input_cached_tokens: 20, output: 33, output_reasoning_tokens: 12, total: 165 },
    ],
    [
      'every bucket',
      {
        inputTokens: 100,
        outputTokens: 100,
        inputDetails: { cacheRead: 1, cacheWrite: 2, audio: 3, image: 4 },
        outputDetails: { reasoning: 5, audio: 6, image: 7 },
      },
      {
        input: 90,
        input_cached_tokens: 1,
        input_cache_creation: 2,
        input_audio_tokens: 3,
        input_image_tokens: 4,
        output: 82,
        output_reasoning_tokens: 5,
        output_audio_tokens: 6,
        output_image_tokens: 7,
        total: 200,
      },
    ],
    ['input only', { inputTokens: 7 }, { input: 7, total: 7 }],
    ['nothing used', { inputTokens: 0, outputTokens: 0 }, { input: 0, output: 0, total: 0 }],
    [
      'details without a total',
      { inputDetails: { text: 4, cacheRead: 6 } },
      { input: 4, input_cached_tokens: 6, total: 10 },
    ],
    [
      'details beyond their total',
      { inputTokens: 5, inputDetails: { cacheRead: 9 } },
      { input: 0, input_cached_tokens: 9, total: 9 },
    ],
    ['fractions', { inputTokens: 1.6, outputTokens: 2.2 }, { input: 2, output: 2, total: 4 }],
    ['negative and broken counts', { inputTokens: -1, outputTokens: Number.NaN }, undefined],
    ['a count as text', { inputTokens: '7', outputTokens: 1 }, { output: 1, total: 1 }],
    ['nothing', {}, undefined],
    ['no object', 17, undefined],
    ['absent', undefined, undefined],
  ];
  for (const [what, usage, expected] of cases)
    it(`are in buckets of their own: ${what}`, () => {
      expect(usageDetails(usage)).to.deep.equal(expected);
    });

  it('sum to their total, whatever was counted', () => {
    const count = fc.option(fc.oneof(fc.nat(1e9), fc.double(), fc.constant('7')), { nil: undefined });
    const usage = fc.record({
      inputTokens: count,
      outputTokens: count,
      inputDetails: fc.option(
        fc.record({ text: count, cacheRead: count, cacheWrite: count, audio: count, image: count }),
        { nil: undefined },
      ),
      outputDetails: fc.option(fc.record({ text: count, reasoning: count, audio: count, image: count }), {
        nil: undefined,
      }),
    });
    fc.assert(
      fc.property(usage, (given) => {
        const details = usageDetails(given);
        if (!details) return;
        const { total, ...buckets } = details;
        expect(Object.values(buckets).reduce((sum, n) => sum + n, 0)).to.equal(total);
        for (const n of Object.values(details)) expect(n).to.be.at.least(0).and.satisfy(Number.isInteger);
      }),
    );
  });

  it('sum to what the model call reports when the details fit into it', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), (text, cacheRead, cacheWrite) => {
        const inputTokens = text + cacheRead + cacheWrite;
        expect(usageDetails({ inputTokens, inputDetails: { cacheRead, cacheWrite } })?.total).to.equal(
          inputTokens,
        );
      }),
    );
  });
});

describe('the cost for Langfuse', () => {
  const cases: [string, unknown, Record<string, number> | undefined][] = [
    ['as it is', { input: 1, output: 2, total: 3 }, { input: 1, output: 2, total: 3 }],
    ['its own total', { input: 1, output: 2, total: 3.5 }, { input: 1, output: 2, total: 3.5 }],
    ['the sum where there is no total', { input: 1, output: 2 }, { input: 1, output: 2, total: 3 }],
    ['a total alone', { total: 0.1, currency: 'usd' }, { total: 0.1 }],
    ['no other currency', { total: 1, currency: 'EUR' }, undefined],
    ['no text', { input: '1', total: '2' }, undefined],
    ['nothing', {}, undefined],
    ['absent', undefined, undefined],
  ];
  for (const [what, cost, expected] of cases)
    it(`is in dollars: ${what}`, () => {
      expect(costDetails(cost)).to.deep.equal(expected);
    });
});
