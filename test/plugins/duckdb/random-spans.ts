import fc from 'fast-check';
import { CORRELATION_KEYS, type ExportedSpan } from '../../../core/index.ts';
import { span } from './records.ts';

/** Texts that break what handles texts carelessly. */
export const awkwardTexts = [
  '',
  'null',
  'a\u0000b\u0000',
  '😀 漢字 é \u2028 \u202e',
  "Robert'); DROP TABLE obs_spans; --",
  '\\ud800 "quoted" \\\\ %_ $1',
  'x'.repeat(70_000),
];
/** Values that are easily confused, and those texts. */
export const awkwardValues = [
  null,
  '',
  0,
  false,
  [],
  {},
  [null, [], {}, ''],
  -1,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  1.7976931348623157e308,
  5e-324,
  0.1 + 0.2,
  { 'a.b': { 'c"d': 1 }, '': null, 'é/~': [1, '2'] },
  ...awkwardTexts,
];

/** JSON cannot tell -0 from 0, and a trace is JSON-safe when it gets here. */
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)));
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const record = fc.dictionary(
  text.filter((key) => key !== '__proto__'),
  json,
  { maxKeys: 4, noNullPrototype: true },
);
const micro = fc.integer({ min: -9_000_000_000_000_000, max: 9_000_000_000_000_000 });

const spanParts = fc.record(
  {
    ...Object.fromEntries(CORRELATION_KEYS.map((key) => [key, text])),
    parentSpanId: text,
    input: json,
    output: json,
    attributes: record,
    metadata: record,
    tags: fc.array(text, { maxLength: 3 }),
    scope: fc.record(
      { name: text, version: text, attributes: record },
      { requiredKeys: ['name'], noNullPrototype: true },
    ),
    links: fc.array(
      fc.record({ traceId: text, spanId: text, attributes: record }, { noNullPrototype: true }),
      { maxLength: 2 },
    ),
    errorInfo: fc.record(
      { message: text, name: text, code: text, stack: text, details: record },
      { requiredKeys: ['message'], noNullPrototype: true },
    ),
    truncated: fc.array(
      fc.record({ path: text, reason: fc.constant('bytes'), size: fc.nat() }, { noNullPrototype: true }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const spanFrame = fc.record({
  name: text,
  type: fc.constantFrom('generic', 'agent_run', 'model_generation', 'a type of tomorrow'),
  isRootSpan: fc.boolean(),
  isEvent: fc.boolean(),
  seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  status: fc.constantFrom('running', 'ok', 'error'),
  startUnixMicro: micro,
  endUnixMicro: fc.option(micro, { nil: undefined }),
});

/** Up to 25 spans of one trace with anything in their fields. */
export const randomTrace: fc.Arbitrary<ExportedSpan[]> = fc
  .array(fc.tuple(spanFrame, spanParts), { minLength: 1, maxLength: 25 })
  .map((spans) => spans.map(([frame, parts], n) => randomSpan(n, frame, parts)));

function randomSpan(n: number, frame: Record<string, unknown>, parts: object): ExportedSpan {
  const end = frame['endUnixMicro'] as number | undefined;
  return span(0, n, {
    parentSpanId: undefined,
    ...parts,
    ...frame,
    startTime: new Date((frame['startUnixMicro'] as number) / 1000),
    endTime: end === undefined ? undefined : new Date(end / 1000),
  });
}
