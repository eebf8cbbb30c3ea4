import { expect } from 'chai';
import fc from 'fast-check';
import { CORRELATION_KEYS, type ExportedSpan } from '../../../core/index.ts';
import { fitRow } from '../../../plugins/braintrust/fit.ts';
import { toRow } from '../../../plugins/braintrust/index.ts';
import { judgementOfFeedback, judgementOfScore } from '../../../plugins/braintrust/scores.ts';
import { feedback, score, span } from './events.ts';
import { feedbackProblems, rowProblems } from './row-rules.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
/** As a snapshot leaves it: JSON, without the names that change an object's nature. */
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)));
const record = fc.dictionary(
  text.filter((key) => key !== '__proto__'),
  json,
  { maxKeys: 4, noNullPrototype: true },
);
/** Mostly counts; also what broken instrumentation writes in their place. */
const count = fc.oneof(
  { weight: 4, arbitrary: fc.nat(1_000_000) },
  fc.constantFrom<unknown>(-1, 1.5, 2 ** 60, '12', null, undefined),
);
const buckets = (...names: string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, count])), {
    requiredKeys: [],
    noNullPrototype: true,
  });
const usage = fc.record(
  {
    inputTokens: count,
    outputTokens: count,
    inputDetails: buckets('text', 'cacheRead', 'cacheWrite', 'audio', 'image', 'constructor'),
    outputDetails: buckets('text', 'reasoning', 'audio', 'image'),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const attributes = fc.record(
  {
    model: fc.oneof(text, json),
    provider: text,
    parameters: fc.oneof(record, json),
    usage: fc.oneof(usage, json),
    cost: fc.oneof(fc.record({ total: fc.double() }), json),
    timeToFirstTokenMs: fc.oneof(fc.double(), json),
    other: json,
  },
  { requiredKeys: [], noNullPrototype: true },
);
const micro = fc.integer({ min: 0, max: 4_000_000_000_000_000 });
const parts = fc.record(
  {
    ...Object.fromEntries(CORRELATION_KEYS.map((key) => [key, text])),
    parentSpanId: text,
    name: text,
    type: fc.constantFrom(
      'generic',
      'agent_run',
      'model_generation',
      'embedding',
      'tool_call',
      'of tomorrow',
    ),
    status: fc.constantFrom('ok', 'error'),
    isEvent: fc.boolean(),
    startUnixMicro: micro,
    endUnixMicro: micro,
    input: json,
    output: json,
    attributes,
    metadata: record,
    tags: fc.array(text, { maxLength: 4 }),
    errorInfo: fc.record(
      { message: text, name: text, details: record },
      { requiredKeys: ['message'], noNullPrototype: true },
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const spans = parts.map((patch) =>
  span({ parentSpanId: undefined, ...patch } as unknown as Partial<ExportedSpan>),
);

describe('whatever a span holds', () => {
  it('its row is one that Braintrust takes, as JSON too, and is not changed by a second look', () => {
    fc.assert(
      fc.property(spans, (made) => {
        const row = toRow(made);
        expect(rowProblems(row)).to.deep.equal([]);
        expect(rowProblems(JSON.parse(JSON.stringify(row)))).to.deep.equal([]);
        expect(toRow(made)).to.deep.equal(row);
      }),
    );
  });

  it('its row starts before it ends, at the microsecond of the span', () => {
    fc.assert(
      fc.property(spans, (made) => {
        const { start, end } = toRow(made).metrics;
        expect(end).to.be.at.least(start);
        expect(Math.round(start * 1e6)).to.equal(made.startUnixMicro);
        expect(Math.round(end! * 1e6)).to.equal(Math.max(made.startUnixMicro, made.endUnixMicro!));
      }),
    );
  });

  it('its tokens sum to their total, and no bucket is larger than its side', () => {
    const sized = (name: 'inputDetails' | 'outputDetails', ...names: string[]) =>
      fc
        .tuple(fc.record(Object.fromEntries(names.map((bucket) => [bucket, fc.nat(10_000)]))), fc.boolean())
        .map(([details, hasTotal]) => {
          const total = Object.values(details).reduce((sum, one) => sum + one, 0);
          return { [name]: details, ...(hasTotal && { [name.replace('Details', 'Tokens')]: total }) };
        });
    const whole = fc.tuple(
      sized('inputDetails', 'text', 'cacheRead', 'cacheWrite', 'audio'),
      sized('outputDetails', 'text', 'reasoning'),
    );
    fc.assert(
      fc.property(whole, ([input, output]) => {
        const { metrics } = toRow(
          span({ type: 'model_generation', attributes: { usage: { ...input, ...output } } }),
        );
        const { prompt_tokens: prompt = 0, completion_tokens: completion = 0 } = metrics;
        expect(metrics['tokens']).to.equal(prompt + completion);
        for (const [name, value] of Object.entries(metrics)) {
          if (/^prompt_/.test(name)) expect(value, name).to.be.at.most(prompt);
          if (/^completion_/.test(name)) expect(value, name).to.be.at.most(completion);
        }
        const buckets = [
          ...Object.values(input['inputDetails'] as object),
          ...Object.values(output['outputDetails'] as object),
        ];
        expect(metrics['tokens']).to.equal(buckets.reduce((sum, one) => sum + one, 0));
      }),
    );
  });

  it('its row fits into any request that holds its frame, and stays one that is taken', () => {
    const large = fc.tuple(
      spans,
      fc.integer({ min: 2_000, max: 6_000 }),
      fc.string({ unit: 'grapheme', minLength: 3_000 }),
    );
    fc.assert(
      fc.property(large, ([made, maxBytes, long]) => {
        const fitted = fitRow(toRow({ ...made, input: [long], output: long }), maxBytes);
        if (fitted === undefined) return;
        expect(Buffer.byteLength(fitted)).to.be.at.most(maxBytes);
        expect(rowProblems(JSON.parse(fitted))).to.deep.equal([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('whatever a score or feedback holds', () => {
  const ranges = fc.dictionary(
    fc.constantFrom('a', 'thumbs', 'rating'),
    fc.record({ min: fc.integer({ min: -5, max: 0 }), max: fc.integer({ min: 1, max: 100 }) }),
    { noNullPrototype: true },
  );
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -2, max: 101 }),
  );

  it('what is sent has scores from 0 to 1 only, and says something', () => {
    const scores = fc.record(
      {
        scorerId: fc.constantFrom('a', 'b', 'constructor'),
        score: number,
        label: text,
        reason: text,
        metadata: record,
      },
      { requiredKeys: ['scorerId', 'score'], noNullPrototype: true },
    );
    fc.assert(
      fc.property(scores, ranges, (input, range) => {
        check(judgementOfScore(score(input), 'row', range));
      }),
    );
    const given = fc.record(
      {
        feedbackType: fc.constantFrom('thumbs', 'rating', 'correction', 'other'),
        value: fc.oneof(number, text),
        comment: text,
        userId: text,
        source: fc.constantFrom('app', 'api', 'widget'),
        metadata: record,
      },
      { requiredKeys: ['feedbackType', 'value'], noNullPrototype: true },
    );
    fc.assert(
      fc.property(given, ranges, (input, range) => {
        check(judgementOfFeedback(feedback(input), 'row', range));
      }),
    );
  });
});

/** It is one thing or the other, and each is taken. */
function check({ feedback: item, merge }: ReturnType<typeof judgementOfScore>): void {
  expect(item === undefined).to.equal(merge !== undefined);
  if (item) expect(feedbackProblems(item)).to.deep.equal([]);
  if (merge) expect(rowProblems(merge)).to.deep.equal([]);
}
