import { expect } from 'chai';
import fc from 'fast-check';
import { createRedactor, REDACTED } from '../../../core/bus/redact.ts';

const redact = createRedactor();

describe('redaction in JSON text', () => {
  const hide = (text: string) => redact(text);

  it('hides entries by name, at any depth, and leaves the rest as it was written', () => {
    const text = '{ "user" : "u", "Api_Key":"abc", "n": [ {"password" :  "p\\"q\\\\", "x":1.50} ] }';
    expect(hide(text)).to.equal(
      '{ "user" : "u", "Api_Key":"[REDACTED]", "n": [ {"password" :  "[REDACTED]", "x":1.50} ] }',
    );
  });

  it('hides numbers, objects and lists, but no flags and no emptiness', () => {
    expect(hide('{"token":-12.5e3,"secret":{"a":["}",{}]},"credentials":[["]"],{}],"b":1}')).to.equal(
      '{"token":"[REDACTED]","secret":"[REDACTED]","credentials":"[REDACTED]","b":1}',
    );
    for (const text of ['{"auth":true}', '{"token":null}', '{"password":""}', '{"secret" : false}'])
      expect(hide(text)).to.equal(text);
  });

  it('finds JSON in the middle of a text', () => {
    expect(hide('POST /login {"user":"u","password":"p"} -> 401')).to.equal(
      'POST /login {"user":"u","password":"[REDACTED]"} -> 401',
    );
  });

  it('finds JSON that is text inside JSON, several times over', () => {
    const payload = { user: 'u "x" \\', password: 'p "q" \\ {', n: [{ token: 5, keep: '}"' }] };
    const hidden = { ...payload, password: REDACTED, n: [{ token: REDACTED, keep: '}"' }] };
    let [text, expected] = [JSON.stringify(payload), JSON.stringify(hidden)];
    for (let level = 0; level < 4; level++) {
      expect(hide(text), `level ${level}`).to.equal(expected);
      text = JSON.stringify({ arguments: text, after: 1 });
      expected = JSON.stringify({ arguments: expected, after: 1 });
    }
  });

  it('hides a value whose end was cut away, to the end', () => {
    expect(hide('{"a":1,"password":"hunter2 and mo')).to.equal('{"a":1,"password":"[REDACTED]"');
    expect(hide('{"credentials":{"user":"u","pass')).to.equal('{"credentials":"[REDACTED]"');
  });

  it('keeps any JSON text valid, and hides in it what it hides in the value', () => {
    const key = fc.constantFrom('password', 'api_key', 'note', 'a"b', 'x', 'token', 'back\\slash');
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        tie('list'),
        tie('record'),
      ),
      list: fc.array(tie('value'), { maxLength: 4 }),
      record: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    })).record;
    fc.assert(
      fc.property(json, (value) => {
        const plain = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(redact(JSON.stringify(plain)))).to.deep.equal(redact(plain));
      }),
    );
  });

  it('takes time in proportion to the text, whatever the text', () => {
    const n = 100_000;
    const texts = [
      `"a":${'\\'.repeat(n)}`,
      `"a":${'"'.repeat(n)}`,
      '"password":{'.repeat(n / 10),
      '"password":"\\'.repeat(n / 10),
      `"ab" ${' '.repeat(n)}`,
      'sk-'.repeat(n / 3),
      'eyJ.'.repeat(n / 4),
      'Bearer '.repeat(n / 7),
      '-----BEGIN PRIVATE KEY-----'.repeat(n / 27),
      `eyJ${'a'.repeat(20)}.`.repeat(n / 24),
    ];
    for (const text of texts) {
      const started = performance.now();
      redact(text);
      expect(performance.now() - started, text.slice(0, 30)).to.be.below(1_000);
    }
  });
});
