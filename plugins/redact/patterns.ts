import { RE2JS } from 're2js';
import { messageOf } from '../../core/index.ts';

/** A part of a text: from the first character, to behind the last one. */
export type Range = readonly [start: number, end: number];

/** The parts of a text that a pattern matches, from left to right. @throws when it takes too long. */
export type FindRanges = (text: string) => Range[];

/**
 * Milliseconds of all searches in one text. One search is linear in the text, but a pattern may make one search for each
 * character; the clock is looked at from the second on.
 */
const MAX_SEARCH_MS = 50;

/**
 * Prepares a pattern, in the notation that RE2 and JavaScript share, for searches in linear time: no text makes it
 * backtrack. Of the flags of a RegExp `i`, `m` and `s` count.
 * @throws for look-around, back references and what else cannot be done so.
 */
export function compilePattern(pattern: string | RegExp): FindRanges {
  const [source, flags] = typeof pattern === 'string' ? [pattern, ''] : [pattern.source, pattern.flags];
  const inline = [...flags].filter((flag) => 'ims'.includes(flag)).join('');
  const compiled = RE2JS.compile(RE2JS.translateRegExp(inline ? `(?${inline})${source}` : source));
  return (text) => {
    const ranges: Range[] = [];
    const matcher = compiled.matcher(text);
    const startedAt = performance.now();
    while (matcher.find()) {
      if (matcher.end() > matcher.start()) ranges.push([matcher.start(), matcher.end()]);
      if (performance.now() - startedAt > MAX_SEARCH_MS && matcher.end() < text.length)
        throw new Error(`a pattern took more than ${MAX_SEARCH_MS} ms`);
    }
    return ranges;
  };
}

/** Why a pattern cannot be used; undefined when it can. */
export function patternProblem(pattern: string | RegExp): string | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    const what = messageOf(error).replace(/^error parsing regexp: /, '');
    return `cannot be searched in linear time, as RE2 does: ${what}`;
  }
}
