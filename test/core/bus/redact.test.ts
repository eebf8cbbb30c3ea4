import { expect } from 'chai';
import { createRedactor, REDACTED, remembering } from '../../../core/bus/redact.ts';

const redact = createRedactor();

/** Made up, in the shapes of real ones; put together here so that no scanner takes them for leaks. */
const SECRETS = {
  'an OpenAI key': `sk-proj-${'aB3'.repeat(8)}`,
  'an Anthropic key': `sk-ant-api03-${'x9_'.repeat(10)}`,
  'an AWS access key id': `AKIA${'ABCD2345'.repeat(2)}`,
  'a temporary AWS access key id': `ASIA${'ABCD2345'.repeat(2)}`,
  'a GitHub token': `ghp_${'a1B2'.repeat(9)}`,
  'a fine-grained GitHub token': `github_pat_${'a1_'.repeat(8)}`,
  'a Slack token': `xoxb-${'123456-abc'.repeat(2)}`,
  'a Google API key': `AIza${'a-_B1'.repeat(7)}`,
  'a JSON Web Token': `eyJ${'a1_-'.repeat(5)}.eyJ${'b2'.repeat(10)}.${'sig-'.repeat(5)}`,
  'a bearer token': `Bearer ${'t0ken.'.repeat(4)}`,
  'a private key': `-----BEGIN RSA PRIVATE KEY-----\n${'MIIab+/='.repeat(8)}\n-----END RSA PRIVATE KEY-----`,
};

describe('redaction by name', () => {
  it('hides the values of entries whose names say that they are secret', () => {
    const names = [
      'password',
      'secret',
      'token',
      'apikey',
      'authorization',
      'cookie',
      'credentials',
      'jwt',
      'privatekey',
    ];
    for (const name of names) expect(redact({ [name]: 'hidden' })).to.deep.equal({ [name]: REDACTED });
  });

  it('does not look at case, underscores, dashes and spaces', () => {
    for (const name of [
      'API_KEY',
      'api-key',
      'ApiKey',
      'X-Api-Key',
      'Set-Cookie',
      'access_token',
      'Pass-Word',
      'api key',
    ])
      expect(redact({ [name]: 'hidden' }), name).to.deep.equal({ [name]: REDACTED });
  });

  it('hides names that end like a secret', () => {
    const names = [
      'db_password',
      'OPENAI_API_KEY',
      'AWS_SECRET_ACCESS_KEY',
      'stripeSecretKey',
      'githubAccessToken',
    ];
    for (const name of [...names, 'webhook-secret'])
      expect(redact({ [name]: 'hidden' }), name).to.deep.equal({ [name]: REDACTED });
  });

  it('leaves names that only contain such a word', () => {
    const clean = {
      tokens: 5,
      inputTokens: 1,
      maxTokens: 9,
      firstToken: 'Hello',
      eos_token: '</s>',
      author: 'me',
      passwordPolicy: 'strict',
      secretary: 'Bo',
    };
    expect(redact(clean)).to.equal(clean);
  });

  it('hides names that were added, compared in the same way', () => {
    const more = createRedactor(['IBAN', 'social_security-number']);
    expect(
      more({ iban: 'CH93', 'Social Security Number': '1', myIban: 'kept', password: 'x' }),
    ).to.deep.equal({
      iban: REDACTED,
      'Social Security Number': REDACTED,
      myIban: 'kept',
      password: REDACTED,
    });
  });

  it('hides values of any kind, but no flags and no emptiness', () => {
    expect(redact({ token: 5, secret: { a: 1 }, credentials: ['x'], password: 'p' })).to.deep.equal({
      token: REDACTED,
      secret: REDACTED,
      credentials: REDACTED,
      password: REDACTED,
    });
    const nothing = { auth: true, token: null, password: '' };
    expect(redact(nothing)).to.equal(nothing);
  });

  it('finds them at any depth, in objects and lists', () => {
    const value = { a: [{ b: { headers: [{ Authorization: 'x', accept: 'y' }] } }], c: 1 };
    expect(redact(value)).to.deep.equal({
      a: [{ b: { headers: [{ Authorization: REDACTED, accept: 'y' }] } }],
      c: 1,
    });
  });
});

describe('redaction by value', () => {
  for (const [what, secret] of Object.entries(SECRETS)) {
    it(`hides ${what}, wherever it stands in a text`, () => {
      expect(redact(secret)).to.equal(REDACTED);
      const text = `before ${secret} after`;
      expect(redact(text)).to.equal(`before ${REDACTED} after`);
      expect(redact({ list: [{ note: text }] })).to.deep.equal({
        list: [{ note: `before ${REDACTED} after` }],
      });
    });
  }

  it('hides all of them in one text', () => {
    const text = Object.values(SECRETS).join(' and ');
    expect(redact(text)).to.equal(
      Object.values(SECRETS)
        .map(() => REDACTED)
        .join(' and '),
    );
  });

  it('leaves what only begins like a secret', () => {
    for (const text of [
      'task-force',
      'sk-short',
      'risk-management-for-everyone-here',
      'AKIA',
      'bearer of bad news',
      'eyJ',
    ])
      expect(redact(text)).to.equal(text);
  });
});

describe('a redactor', () => {
  it('changes no original, and copies only what it must', () => {
    const inner = { kept: [1, 2] };
    const value = { inner, list: [{ password: 'p' }, inner] };
    const before = structuredClone(value);
    const clean = redact(value);
    expect(value).to.deep.equal(before);
    expect(clean.list[0]).to.deep.equal({ password: REDACTED });
    expect(clean.inner).to.equal(inner);
    expect(clean.list[1]).to.equal(inner);
  });

  it('gives back the same object when it is clean', () => {
    const value = { a: 'text', b: [1, { c: null, d: new Date(0) }] };
    expect(redact(value)).to.equal(value);
  });

  it('leaves its own marks alone', () => {
    const once = redact({ password: 'p', text: '{"token":"t"}' });
    expect(redact(once)).to.deep.equal(once);
  });
});

describe('a redactor that remembers', () => {
  it('looks through each object once, frozen ones each time, and gives the same answer', () => {
    let looks = 0;
    const counting = remembering((value) => {
      looks++;
      return redact(value);
    });
    const [dirty, clean] = [{ text: 'x', password: 'p' }, { text: 'x' }];
    const first = counting(dirty);
    expect(first).to.deep.equal({ text: 'x', password: REDACTED });
    expect(counting(dirty)).to.equal(first);
    expect([counting(clean), counting(clean)]).to.deep.equal([clean, clean]);
    expect(looks).to.equal(2);
    const frozen = Object.freeze({ password: 'p' });
    expect([counting(frozen), counting(frozen)]).to.deep.equal([
      { password: REDACTED },
      { password: REDACTED },
    ]);
    expect(counting('Bearer '.padEnd(30, 'x'))).to.equal(REDACTED);
  });

  it('leaves nothing on the object that anybody can see', () => {
    const value = { text: 'x' };
    remembering(redact)(value);
    expect(Reflect.ownKeys(value)).to.deep.equal(['text']);
    expect(structuredClone(value)).to.deep.equal({ text: 'x' });
  });
});
