import { expect } from 'chai';
import fc from 'fast-check';
import { printable, printableJson } from '../../core/printable.ts';

const ESC = '\u001b';

/** Whatever a terminal or an editor could obey instead of show. */
const DANGEROUS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const DANGEROUS_BUT_LINES = /[^\P{Cc}\n\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const HOSTILE = {
  'clears the screen': `${ESC}[2J${ESC}[H`,
  'colours in 8-bit form': '\u009b31mred\u009b0m',
  'sets the window title': `${ESC}]0;owned\u0007`,
  'sets the window title in 8-bit form': '\u009d0;owned\u009c',
  'links elsewhere': `${ESC}]8;;https://evil.example${ESC}\\click${ESC}]8;;${ESC}\\`,
  'writes the clipboard': `${ESC}]52;c;cm0gLXJmIC8=\u0007`,
  'asks for a report': `${ESC}[6n${ESC}[c${ESC}P$q"p${ESC}\\`,
  'resets the terminal': `${ESC}c`,
  'switches the character set': `${ESC}(0lqqk`,
  'makes a sequence by removing one': `${ESC}${ESC}[31m[2J`,
  'makes a sequence by removing a link': `${ESC}${ESC}]8;;x\u0007[2J`,
  'ends inside a sequence': `text${ESC}[38;5`,
  'ends inside a title': `text${ESC}]0;never closed`,
  'hides lines in a title': `${ESC}]0;first\nsecond\u0007`,
  'overwrites the line': 'rm -rf /\rls -l    ',
  'erases by backspace': 'secret\b\b\b\b\b\bpublic',
  'rings and feeds': 'a\u0007b\u000bc\u000cd\u0000e',
  deletes: 'a\u007fb',
  'reorders text': 'access \u202euser\u202c // \u2066check\u2069',
  'breaks lines unseen': 'one\u2028two\u2029three\u0085four',
  'shifts in and out': '\u000e\u000f\u008e\u008f',
};

describe('printable', () => {
  for (const [what, payload] of Object.entries(HOSTILE)) {
    it(`leaves no character to obey in text that ${what}`, () => {
      expect(printable(payload)).not.to.match(DANGEROUS);
      expect(printable(payload, { keepLines: true })).not.to.match(DANGEROUS_BUT_LINES);
    });
  }

  it('leaves no character to obey in any text', () => {
    const nasty = fc.constantFrom(...`${ESC}[]0;m\u0007\\\u009b\u009c\r\n\t\u202e\u2066\u2028x`);
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: 'binary' }))), (parts) => {
        const text = parts.join('');
        return (
          !DANGEROUS.test(printable(text)) &&
          !DANGEROUS_BUT_LINES.test(printable(text, { keepLines: true })) &&
          !/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(printableJson(JSON.stringify(text)))
        );
      }),
    );
  });

  it('removes complete sequences and keeps the text between them', () => {
    expect(printable(`${ESC}[1;31mred${ESC}[0m and \u009b32mgreen`)).to.equal('red and green');
    expect(printable(HOSTILE['links elsewhere'])).to.equal('click');
    expect(printable(HOSTILE['sets the window title in 8-bit form'])).to.equal('');
  });

  it('shows by its code what is no complete sequence', () => {
    expect(printable(`a${ESC}[38;5`)).to.equal('a\\u{1b}[38;5');
    expect(printable(`${ESC}${ESC}[31m[2J`)).to.equal('\\u{1b}[2J');
    expect(printable('a\u0000b\u007fc\u0085d\u202ee')).to.equal('a\\u{0}b\\u{7f}c\\u{85}d\\u{202e}e');
    expect(printable('one\r\ntwo\tthree')).to.equal('one\\r\\ntwo\\tthree');
  });

  it('shows lines inside a title instead of hiding them', () => {
    expect(printable(HOSTILE['hides lines in a title'])).to.equal('\\u{1b}]0;first\\nsecond\\u{7}');
  });

  it('keeps newlines and tabs, and only those, where lines are asked for', () => {
    expect(printable('one\r\ntwo\tthree\rfour\u2028', { keepLines: true })).to.equal(
      'one\ntwo\tthree\\rfour\\u{2028}',
    );
  });

  it('gives back plain text as it is, in any script', () => {
    const text = 'naïve 東京 👩‍👩‍👧 שלום \u200f(ok) {"a": "\\n"}';
    expect(printable(text)).to.equal(text);
    expect(printable('')).to.equal('');
  });

  it('takes linear time for text made to be slow', () => {
    const size = 200_000;
    for (const part of [';?', '[', `${ESC}]`, `${ESC}[`, '0;', '\u009d', ' ', `${ESC}\u009b;`]) {
      const text = `${ESC}[${part.repeat(size)}`;
      const started = performance.now();
      printable(text);
      expect(performance.now() - started, JSON.stringify(part)).to.be.below(1_000);
    }
  });
});

describe('printableJson', () => {
  it('escapes what could be obeyed or taken for a line end, and stays the same value', () => {
    const value = { text: Object.values(HOSTILE).join(''), plain: 'naïve 👩‍👧' };
    const json = printableJson(JSON.stringify(value));
    expect(json).not.to.match(DANGEROUS);
    expect(JSON.parse(json)).to.deep.equal(value);
    expect(json).to.include('\\u009b').and.to.include('\\u2028').and.to.include('naïve 👩‍👧');
  });
});
