import { expect } from 'chai';
import fc from 'fast-check';
import { wrapLines } from '../../../cli/render/wrap.ts';

describe('lines that are wider than a terminal', () => {
  it('are broken between words, the rest indented further', () => {
    expect(wrapLines('a problem: expected one of memory, os, disk', 20)).to.equal(
      ['a problem: expected', '    one of memory,', '    os, disk'].join('\n'),
    );
    expect(wrapLines('  hint: give a value', 12)).to.equal(
      ['  hint: give', '      a', '      value'].join('\n'),
    );
  });

  it('stay as they are where they fit, each by itself', () => {
    const text = 'a table  with   gaps\n\n  and more';
    expect(wrapLines(text, 20)).to.equal(text);
  });

  it('keep gaps, colours and words that fit nowhere', () => {
    const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
    expect(wrapLines(`${red('CODE')}:  what happened`, 14)).to.equal(`${red('CODE')}:  what\n    happened`);
    const path = 'x'.repeat(30);
    expect(wrapLines(`see ${path} there`, 10)).to.equal(`see\n    ${path}\n    there`);
  });

  it('count wide characters as two columns', () => {
    expect(wrapLines('日本 語語 a', 9)).to.equal('日本 語語\n    a');
  });

  it('lose nothing but the spaces at which they are broken', () => {
    const line = fc.stringMatching(/^[ a-z]{0,60}$/);
    fc.assert(
      fc.property(line, fc.integer({ min: 1, max: 40 }), (text, width) => {
        const words = (of: string) => of.split(/\s+/).filter(Boolean);
        const wrapped = wrapLines(text, width);
        expect(words(wrapped)).to.deep.equal(words(text));
        for (const one of wrapped.split('\n')) {
          if (one.length > width) expect(words(one).length, one).to.be.at.most(1);
        }
      }),
    );
  });
});
