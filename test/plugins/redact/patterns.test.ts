import { expect } from 'chai';
import { redactOptions } from '../../../plugins/redact/options.ts';
import { createRedaction, FAILED } from '../../../plugins/redact/redaction.ts';
import { resolveInline, shortly } from '../../core/config/project.ts';

const LENGTH = 65_536;
const a = 'a'.repeat(LENGTH);

/** Patterns that make an engine that backtracks stand still, each with a text that shows it. */
const EVIL: [pattern: string, text: string][] = [
  ['^(a+)+$', `${a}!`],
  ['^(a|a)*$', `${a}!`],
  ['^(a|aa)+$', `${a}!`],
  ['(a*)*b', a],
  ['(.*)(.*)(.*)(.*)(.*)=', a],
  ['^([a-zA-Z0-9])(([-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+$', `${a}!`],
  ['([a-zA-Z]+)*[0-9]', a],
  [String.raw`\s+$`, `${' '.repeat(LENGTH - 1)}x`],
  [String.raw`[\w.]+@[\w.]+`, a],
  [String.raw`(\w+\s?)*$`, `${'word '.repeat(LENGTH / 5)}!`],
  ['(x+x+)+y', 'x'.repeat(LENGTH)],
  ['(a{1,30}){1,30}b', a],
];

/** One search each is linear, but there is one for each character. */
const MANY_SEARCHES: [pattern: string, text: string][] = [
  ['a(.*z)?', a],
  ['a([^z]*z)?', a],
];

/** What cannot be had in linear time. */
const REFUSED = ['(?=a)b', '(?<!a)b', String.raw`(a)\1`, '(?<name>a', '[z-a]', 'a{2,1}', '*'];

describe('patterns of redact', () => {
  // Far more than a slow machine needs, and nothing beside what backtracking would take: hours.
  const MOST_MS = 2_000;

  for (const [pattern, text] of [...EVIL, ...MANY_SEARCHES]) {
    it(`are done soon with ${pattern}`, () => {
      const clean = createRedaction(redactOptions.parse({ patterns: [pattern] }));
      const startedAt = performance.now();
      clean({ input: text });
      expect(performance.now() - startedAt).to.be.below(MOST_MS);
    });
  }

  it('hide a text whole in which there is no end to the searches', () => {
    const clean = createRedaction(redactOptions.parse({ patterns: ['a(.*z)?'] }));
    expect(clean({ input: a, name: 'n' })).to.deep.equal({ input: FAILED, name: 'n' });
  });

  it('are refused with the config where they need backtracking or are none', async () => {
    for (const pattern of REFUSED) {
      const resolution = await resolveInline({
        plugins: { privacy: { use: 'redact', options: { patterns: [pattern] } } },
      });
      expect(shortly(resolution), pattern).to.have.length(1);
      expect(shortly(resolution)[0]).to.include('plugins.privacy.options.patterns.0 | OBS_PLUGIN_OPTIONS');
    }
  });

  it('may be any that JavaScript can write without backtracking', () => {
    const patterns = [/\bcard: \d{4}\b/i, /^iban/m, '(?i)ssn', String.raw`\p{Lu}{3,}`, '(?<year>[0-9]{4})-'];
    const clean = createRedaction(redactOptions.parse({ patterns, mark: '_' }));
    expect(clean({ input: 'CARD: 1234 x\niban SSn ÄÖÜ 2026-01' }).input).to.equal('_ x\n_ _ _ _01');
  });

  it('that hide nothing are a mistake of the config, as are unknown options', async () => {
    expect(shortly(await resolveInline({ plugins: { privacy: 'redact' } }))[0]).to.include(
      'expected keys, paths or patterns',
    );
    expect(
      shortly(
        await resolveInline({
          plugins: { privacy: { use: 'redact', options: { key: ['a'], keys: ['b'] } } },
        }),
      )[0],
    ).to.include('unknown key "key" (did you mean "keys"?)');
  });
});
