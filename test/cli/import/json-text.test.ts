import { expect } from 'chai';
import fc from 'fast-check';
import { decodeEmbedded } from '../../../cli/import/embedded-json.ts';
import { salvageJson } from '../../../cli/import/json-salvage.ts';
import { readJson } from '../../../cli/import/json-text.ts';

describe('reading the JSON of an import file', () => {
  it('gives a sound document as JSON.parse does, with or without a byte order mark', () => {
    for (const text of ['{"a":[1,{"b":null}]}', '\uFEFF{"a":[1,{"b":null}]}']) {
      const [document, ...more] = readJson(text);
      expect(more).to.deep.equal([]);
      expect(document).to.include({ line: undefined }).and.not.have.property('failure');
      expect(document!.value).to.deep.equal({ a: [1, { b: null }] });
    }
  });

  it('keeps what a truncated document holds completely and marks what was cut', () => {
    const [document] = readJson('{"list": [\n  {"id": 1},\n  {"id": 2, "name": "tru');
    const { value, failure, isCut } = document!;
    expect(value).to.deep.equal({ list: [{ id: 1 }, { id: 2 }] });
    const { list } = value as { list: unknown[] };
    expect(list.map(isCut)).to.deep.equal([false, true]);
    expect(failure).to.deep.equal({ position: 'line 3, column 25', message: 'the text ends too early' });
  });

  it('says where a malformed document goes wrong and keeps what stands before', () => {
    const [document] = readJson('[{"a": 1},\n {"b": oops}, {"c": 3}]');
    expect(document!.value).to.deep.equal([{ a: 1 }, {}]);
    expect(document!.failure).to.deep.equal({ position: 'line 2, column 8', message: 'unexpected "o"' });
  });

  it('reads JSON lines one by one, so that a bad line costs itself alone', () => {
    const documents = readJson('{"a":1}\nnonsense\n\n{"b":2}\n{"c":[{"d":3},{"e"');
    expect(documents.map(({ line, value }) => [line, value])).to.deep.equal([
      [1, { a: 1 }],
      [2, undefined],
      [4, { b: 2 }],
      [5, { c: [{ d: 3 }, {}] }],
    ]);
    expect(documents.map(({ failure }) => failure?.position)).to.deep.equal([
      undefined,
      'line 2, column 1',
      undefined,
      'line 5, column 19',
    ]);
  });

  it('survives a hundred thousand open brackets', () => {
    const { offset, message, cut } = salvageJson('['.repeat(100_000));
    expect({ offset, message, cut: cut.size }).to.deep.equal({
      offset: 100_000,
      message: 'the text ends too early',
      cut: 100_000,
    });
  });

  it('keeps the key __proto__ an ordinary key', () => {
    const { value } = salvageJson('{"__proto__": {"polluted": true}, ');
    expect(Object.getPrototypeOf(value)).to.equal(Object.prototype);
    expect(Object.keys(value as object)).to.deep.equal(['__proto__']);
  });

  it('agrees with JSON.parse on every sound text, and loses only the end of every truncated one', () => {
    const check = fc.property(fc.json(), fc.nat(), (text, at) => {
      expect(salvageJson(text).value).to.deep.equal(JSON.parse(text));
      const { offset } = salvageJson(text.slice(0, at % (text.length + 1)));
      expect(offset).to.be.at.most(text.length);
    });
    fc.assert(check, { numRuns: 300 });
  });
});

describe('JSON inside strings', () => {
  const twice = (value: unknown) => JSON.stringify(JSON.stringify(value));

  it('becomes the object or list it stands for, however often it was packed', () => {
    expect(decodeEmbedded('{"a": [1]}')).to.deep.equal({ a: [1] });
    expect(decodeEmbedded(twice({ a: [1] }))).to.deep.equal({ a: [1] });
    expect(decodeEmbedded(JSON.stringify(twice([true])))).to.deep.equal([true]);
  });

  it('stays text when it stands for a text, a number or nothing', () => {
    for (const text of ['hello', '"quoted"', '17', 'true', 'null', '', '{not json}', '[1,']) {
      expect(decodeEmbedded(text)).to.equal(text);
    }
    expect(decodeEmbedded(17)).to.equal(17);
  });

  it('stays text when decoding would lose digits or a repeated key', () => {
    for (const text of [
      '{"id": 12345678901234567890}',
      '[0.1234567890123456789]',
      '{"a": 1, "a": 2}',
      '[1e999]',
    ]) {
      expect(decodeEmbedded(text)).to.equal(text);
      expect(decodeEmbedded(JSON.stringify(text))).to.equal(JSON.stringify(text));
    }
    expect(decodeEmbedded('{"created": 1759223041.0, "id": "12345678901234567890", "a:b": "1:2"}')).to.be.an(
      'object',
    );
  });

  it('stays text when it is nested so deep that no reader would survive it', () => {
    const text = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(decodeEmbedded(text)).to.equal(text);
  });
});
