import type { FindRanges, Range } from './patterns.ts';

/** Behind the last character that is looked through, so many more are: a match that begins before it may end there. */
const OVERLAP = 1_024;

/**
 * The text with a mark for each part that a pattern matches; parts that touch or overlap are one. What lies behind
 * `maxLength` characters is not looked through, so it does not pass either. @throws what a search throws.
 */
export function hideMatches(
  text: string,
  patterns: readonly FindRanges[],
  mark: string,
  maxLength: number,
): string {
  const seen = text.length > maxLength ? text.slice(0, maxLength + OVERLAP) : text;
  const ranges = patterns.flatMap((find) => find(seen));
  if (ranges.length === 0 && text.length <= maxLength) return text;
  const clean = replaceRanges(seen, ranges, mark, maxLength);
  const beyond = text.length - maxLength;
  return beyond > 0 ? `${clean}[${beyond} characters not looked through]` : clean;
}

function replaceRanges(text: string, ranges: readonly Range[], mark: string, maxLength: number): string {
  let clean = '';
  let done = 0;
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (start >= maxLength) break;
    if (start > done || (done === 0 && start === 0)) clean += text.slice(done, start) + mark;
    done = Math.max(done, end);
  }
  return done < maxLength ? clean + text.slice(done, maxLength) : clean;
}
