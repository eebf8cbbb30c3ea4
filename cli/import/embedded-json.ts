import { isTooDeep } from './depth.ts';
import { endOfString } from './json-salvage.ts';

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * The object or array that a text holds as JSON, also when it is JSON in a JSON string, however often; any other value
 * unchanged. A text stays text when decoding would lose something: a number with more digits than JavaScript keeps,
 * or a key that comes twice.
 */
export function decodeEmbedded(value: unknown): unknown {
  let current = value;
  while (typeof current === 'string' && /^\s*["[{]/.test(current)) {
    const text: string = current;
    const parsed = parsedOrUndefined(text);
    if (typeof parsed === 'object' && parsed !== null) return isFaithful(text, parsed) ? parsed : value;
    current = parsed;
  }
  return value;
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Compares the text with what it became: every number exact, every key still there, no deeper than can be stored. */
function isFaithful(text: string, parsed: object): boolean {
  let members = 0;
  for (let at = 0; at < text.length; ) {
    const char = text[at]!;
    NUMBER.lastIndex = at;
    const token = char === '"' ? undefined : NUMBER.exec(text)?.[0];
    if (token !== undefined && !isExact(token)) return false;
    if (char === ':') members++;
    at = char === '"' ? endOfString(text, at) : at + (token?.length ?? 1);
  }
  return members === countKeys(parsed) && !isTooDeep(parsed);
}

/** A whole number must come back as it was; a double keeps 17 significant digits of any other. */
function isExact(token: string): boolean {
  const number = Number(token);
  if (/^-?\d+$/.test(token)) return BigInt(token) === BigInt(number);
  const digits = token
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  return Number.isFinite(number) && digits.length <= 17;
}

function countKeys(root: object): number {
  let keys = 0;
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    const entries = Object.values(value);
    if (!Array.isArray(value)) keys += entries.length;
    for (const entry of entries) waiting.push(entry);
  }
  return keys;
}
