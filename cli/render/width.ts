/** Scripts and blocks whose characters take two columns (an approximation of Unicode's East Asian Width). */
const WIDE =
  /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;
/** A sign that becomes a picture by the selector behind it, a keycap, a flag. */
const PICTURE = /\ufe0f|\u20e3|^\p{Regional_Indicator}/u;
const NO_WIDTH = /^[\p{M}\p{Cf}\u1160-\u11ff]+$/u;
/** Characters of one column each: Latin text, box drawing, bars. */
const PLAIN = /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u2026\u2500-\u259f]*$/;

let segmenter: Intl.Segmenter | undefined;

function characters(text: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function columnsOf(character: string): number {
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) || PICTURE.test(character) ? 2 : 1;
}

/** The columns that a text takes on a terminal. The text holds no escape sequences. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return characters(text).reduce((sum, character) => sum + columnsOf(character), 0);
}

/** The text cut to at most `width` columns, with `…` where something is missing; no character is split. */
export function cutTo(text: string, width: number): string {
  // No character takes more columns than it has units, except the wide ones, which take two.
  if (text.length * 2 <= width || widthOf(text) <= width) return text;
  if (width <= 0) return '';
  let kept = '';
  let used = 0;
  for (const character of characters(text.slice(0, width * 16))) {
    used += columnsOf(character);
    if (used > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** The text cut or filled with spaces to exactly `width` columns. */
export function fitTo(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const cut = cutTo(text, width);
  const space = ' '.repeat(Math.max(0, width - widthOf(cut)));
  return align === 'left' ? cut + space : space + cut;
}
