import { expect } from 'chai';
import fc from 'fast-check';
import { parseJson } from '../../../core/config/json.ts';

describe('JSON with positions', () => {
  it('accepts and refuses what JSON.parse does, with the same value', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"\\n"',
      '"',
      '1',
      '-',
      '0.5e3',
      'true',
      'x',
      ' ',
      '\n',
    );
    const almost = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));
    const valid = fc.jsonValue().map((value) => JSON.stringify(value, null, 1));
    fc.assert(
      fc.property(fc.oneof(almost, valid), (text) => {
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(parseJson(text).fault, text).to.not.equal(undefined);
          return;
        }
        const { value, fault } = parseJson(text);
        expect(fault, text).to.equal(undefined);
        expect(value).to.deep.equal(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  const faults: [string, string, number, number][] = [
    ['{\n  "a": 1,\n}', 'expected a key in double quotes', 3, 1],
    ['{ "a" 1 }', 'expected ":" after a key', 1, 7],
    ['{ "a": }', 'expected a value', 1, 8],
    ['[1 2]', 'expected "," or "]"', 1, 4],
    ['[1,', 'expected a value', 1, 4],
    ['{} {}', 'expected the end of the file', 1, 4],
    ['["open]', 'expected a value', 1, 2],
    ['["tab\there"]', 'control character in a text', 1, 2],
    [`${'['.repeat(100_000)}`, 'nested too deeply', 1, 502],
  ];
  for (const [text, message, line, column] of faults)
    it(`says where ${JSON.stringify(text.slice(0, 20))} stops being JSON`, () => {
      expect(parseJson(text).fault).to.deep.equal({ message, position: { line, column } });
    });

  it('finds every key that an object has twice, also one that only looks different', () => {
    const { value, duplicates } = parseJson('{ "a": [{ "b": 1,\n "\\u0062": 2 }], "c": {}, "a": 3 }');
    expect(value).to.deep.equal({ a: 3, c: {} });
    expect(duplicates).to.deep.equal([
      { path: ['a', '0', 'b'], position: { line: 2, column: 2 } },
      { path: ['a'], position: { line: 2, column: 27 } },
    ]);
  });

  it('reads over a byte order mark', () => {
    expect(parseJson('\uFEFF{}').value).to.deep.equal({});
  });
});
