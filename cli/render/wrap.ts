import { stripVTControlCharacters } from 'node:util';
import { widthOf } from './width.ts';

/** How much further than its beginning the rest of a broken line is indented. */
const FURTHER = 4;

/** Breaks lines that are wider than a terminal between words; a word that is wider alone stays whole. */
export function wrapLines(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => (columnsOf(line) <= width ? line : wrapLine(line, width)))
    .join('\n');
}

function wrapLine(line: string, width: number): string[] {
  const indent = /^ */.exec(line)![0];
  const lines: string[] = [];
  let current = indent;
  for (const word of line.slice(indent.length).split(/(?<=\S)(?= )/)) {
    const isFirst = current.trimStart() === '';
    if (!isFirst && columnsOf(current + word) > width) {
      if (stripVTControlCharacters(word).trim() === '') continue;
      lines.push(current);
      current = indent + ' '.repeat(FURTHER) + word.trimStart();
    } else current += word;
  }
  return [...lines, current];
}

/** Columns of a text with colours. */
function columnsOf(text: string): number {
  return widthOf(stripVTControlCharacters(text));
}
