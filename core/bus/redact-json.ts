/** The quote that closes a name, and the colon after it. */
const NAME_END = /"\s*:\s*/g;
const NUMBER = /-?\d[\d.eE+-]*/y;
const BACKSLASH = 92;
const MAX_NAME_LENGTH = 64;

/**
 * Hides the values of secret entries wherever text contains JSON, such as the arguments of a tool call or a logged
 * request. Texts, numbers, objects and lists are hidden; nothing else is changed, so that what is no JSON stays as it
 * was. A value whose end was cut away is hidden to the end of the text. Linear in the length of the text.
 */
export function hideJsonEntries(text: string, isSecret: (name: string) => boolean, mark: string): string {
  let clean = '';
  let done = 0;
  NAME_END.lastIndex = 0;
  for (let match = NAME_END.exec(text); match; match = NAME_END.exec(text)) {
    // In JSON that is text inside JSON, quotes have backslashes before them.
    const nameEnd = beforeSlashes(text, match.index, done);
    const nameStart = text.lastIndexOf('"', nameEnd - 1) + 1;
    if (nameStart <= done || nameEnd - nameStart > MAX_NAME_LENGTH) continue;
    if (!isSecret(text.slice(nameStart, nameEnd))) continue;
    const start = NAME_END.lastIndex;
    const slashes = text.slice(nameEnd, match.index);
    const end = endOfValue(text, start, slashes);
    if (end === start) continue;
    clean += `${text.slice(done, start)}${slashes}"${mark}${slashes}"`;
    done = end;
    NAME_END.lastIndex = end;
  }
  return done === 0 ? text : clean + text.slice(done);
}

/** Where the value at `start` ends; `start` itself for what need not be hidden: a flag, null, an empty text. */
function endOfValue(text: string, start: number, slashes: string): number {
  const quote = `${slashes}"`;
  if (text.startsWith(quote, start)) {
    const content = start + quote.length;
    return text.startsWith(quote, content) ? start : endOfText(text, content, slashes.length);
  }
  if (text[start] === '{' || text[start] === '[') return endOfNested(text, start, slashes.length);
  NUMBER.lastIndex = start;
  return NUMBER.test(text) ? NUMBER.lastIndex : start;
}

/** The position behind the quote that closes a text whose quotes have `depth` backslashes before them. */
function endOfText(text: string, content: number, depth: number): number {
  for (let from = content; ; ) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return text.length;
    const first = beforeSlashes(text, quote, from);
    // A backslash of the content itself is written as `depth` doubled and one more, twice.
    if ((quote - first) % (2 * depth + 2) === depth) return quote + 1;
    from = quote + 1;
  }
}

/** The position of the first of the backslashes that end at `end`, not before `from`. */
function beforeSlashes(text: string, end: number, from: number): number {
  let first = end;
  while (first > from && text.charCodeAt(first - 1) === BACKSLASH) first--;
  return first;
}

function endOfNested(text: string, start: number, depth: number): number {
  let open = 0;
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (char === '"') i = endOfText(text, i + 1, depth) - 1;
    else if (char === '{' || char === '[') open++;
    else if ((char === '}' || char === ']') && --open === 0) return i + 1;
  }
  return text.length;
}
