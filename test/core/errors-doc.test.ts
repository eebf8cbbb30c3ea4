import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ERROR_HINTS, type ErrorCode, isObsError, messageOf, ObsError } from '../../core/errors.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CODES = Object.keys(ERROR_HINTS) as ErrorCode[];

/** The sections of the page by code: what stands between one heading of a code and the next heading. */
function sections(): Map<string, string> {
  const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
  const parts = page.split(/^###? /m).slice(1);
  return new Map(
    parts.flatMap((part) => {
      const [heading = '', ...body] = part.split('\n');
      return heading.startsWith('OBS_') ? [[heading, body.join('\n').trim()] as const] : [];
    }),
  );
}

function sources(): string {
  const files = ['core', 'plugins', 'cli'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const others = files.filter((file) => file !== join(ROOT, 'core', 'errors.ts'));
  return others.map((file) => readFileSync(file, 'utf8')).join('\n');
}

describe('docs/errors.md', () => {
  it('lists every code and no other, in the order of the table', () => {
    expect([...sections().keys()]).to.deep.equal(CODES);
  });

  it('says for each code what it means, what it looks like and what to do', () => {
    for (const [code, body] of sections()) {
      const paragraphs = body.split('\n\n');
      expect(paragraphs, code).to.have.length(3);
      expect(paragraphs[1], code).to.match(new RegExp(`^> ${code}: \\S`));
      for (const prose of [paragraphs[0], paragraphs[2]])
        expect(prose, code).to.match(/^[A-Z`][\s\S]{15,}\.$/);
    }
  });
});

describe('the table of codes', () => {
  it('has no code that nothing raises', () => {
    const text = sources();
    expect(CODES.filter((code) => !new RegExp(`\\b${code}\\b`).test(text))).to.deep.equal([]);
  });

  it('has every code that the sources name', () => {
    const named = new Set(
      sources().match(/\bOBS_(?:CONFIG|PLUGIN|HOST|STORE|SEND|IMPORT|CLI|TRACE)_[A-Z_]+\b/g),
    );
    const variables = ['OBS_CONFIG_FILE'];
    const unknown = [...named].filter((name) => !(name in ERROR_HINTS) && !variables.includes(name));
    expect(unknown).to.deep.equal([]);
  });

  it('has a hint for each that is a sentence', () => {
    for (const code of CODES) expect(ERROR_HINTS[code], code).to.match(/^[`A-Za-z].*[.)]$/);
  });
});

describe('an ObsError', () => {
  it('says its code and what happened, and hints at the next action', () => {
    const cause = new Error('below');
    const error = new ObsError('OBS_STORE_PATH', '/x cannot be opened', { cause });
    expect(error).to.include({
      name: 'ObsError',
      code: 'OBS_STORE_PATH',
      message: 'OBS_STORE_PATH: /x cannot be opened',
      hint: ERROR_HINTS.OBS_STORE_PATH,
      cause,
    });
    expect(new ObsError('OBS_STORE_PATH', 'x', { hint: 'Do this.' }).hint).to.equal('Do this.');
    expect(new ObsError('OBS_STORE_PATH', 'x')).not.to.have.property('cause');
  });

  it('can point at the line that called us', () => {
    const ours = (): ObsError => new ObsError('OBS_STORE_PATH', 'x', { from: ours });
    const yours = () => ours();
    expect(yours().stack?.split('\n')[1]).to.include('yours');
  });

  it('is known by its code, also when it comes from another copy of the package', () => {
    expect(isObsError(new ObsError('OBS_NO_STORE', 'x'))).to.equal(true);
    expect(isObsError(Object.assign(new Error('x'), { code: 'OBS_NO_STORE' }))).to.equal(true);
    for (const other of [
      new Error('x'),
      Object.assign(new Error('x'), { code: 'ENOENT' }),
      { code: 'OBS_NO_STORE' },
      null,
      5,
    ])
      expect(isObsError(other)).to.equal(false);
  });
});

describe('messageOf', () => {
  it('gives a bounded text for anything that can be thrown', () => {
    expect(messageOf(new TypeError('m'))).to.equal('m');
    expect(messageOf(new TypeError(''))).to.equal('TypeError');
    expect(messageOf('text')).to.equal('text');
    expect(messageOf(undefined)).to.equal('undefined');
    expect(messageOf(Object.create(null))).to.equal('an unprintable value was thrown');
    expect(messageOf(new Error('x'.repeat(5_000))).length).to.equal(501);
  });
});
