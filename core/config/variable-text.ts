import { SIGNALS, type Signal } from '../signals/index.ts';
import { LOG_LEVELS, type LogLevel } from '../signals/logs.ts';
import { oneOf } from './issues.ts';
import { didYouMean } from './suggest.ts';

/** Takes note of a bad value: what was expected and, where it is not the whole text, what there was. */
export type RefuseText = (expected: string, got?: string) => void;

/** Reads the text of a variable; undefined when it is refused. */
export type ReadText = (text: string, refuse: RefuseText) => unknown;

/** `on` or `off`; also true, false, 1 and 0. */
export function readSwitch(text: string, refuse: RefuseText): boolean | undefined {
  if (/^(?:on|true|1)$/i.test(text)) return true;
  if (/^(?:off|false|0)$/i.test(text)) return false;
  refuse('on or off');
  return undefined;
}

/** A log level, in any case. */
export function readLevel(text: string, refuse: RefuseText): LogLevel | undefined {
  const level = LOG_LEVELS.find((known) => known === text.toLowerCase());
  if (!level) refuse(`${oneOf(LOG_LEVELS)}${didYouMean(text, LOG_LEVELS)}`);
  return level;
}

/** A share of 1. */
export function readRatio(text: string, refuse: RefuseText): number | undefined {
  const ratio = Number(text);
  if (ratio >= 0 && ratio <= 1) return ratio;
  refuse('a number from 0 to 1');
  return undefined;
}

/** The named signals are on and all others off. */
export function readSignals(text: string, refuse: RefuseText): unknown {
  const named = items(text);
  const unknown = named.find((item) => !SIGNALS.includes(item as Signal));
  if (unknown === undefined)
    return Object.fromEntries(SIGNALS.map((signal) => [signal, { enabled: named.includes(signal) }]));
  refuse(`a list of ${SIGNALS.join(', ')}${didYouMean(unknown, SIGNALS)}`, unknown);
  return undefined;
}

/** `+key` switches an entry on, `-key` off. */
export function readPlugins(text: string, refuse: RefuseText): unknown {
  const entries: [string, unknown][] = [];
  for (const item of items(text)) {
    const sign = item[0];
    if (sign === '+' || sign === '-') entries.push([item.slice(1), { enabled: sign === '+' }]);
    else refuse('keys of entries, each with a sign, such as +cloud or -cloud', item);
  }
  return Object.fromEntries(entries);
}

/** `key=value` pairs, percent-encoded; some keys have a place of their own. */
export function readResource(text: string, refuse: RefuseText): unknown {
  try {
    const pairs = Object.fromEntries(items(text).map(readPair));
    const { 'service.name': name, 'service.version': version, ...attributes } = pairs;
    return { name, version, attributes };
  } catch {
    // The value is not repeated: attributes may hold anything.
    refuse('key=value pairs, percent-encoded and separated by commas', '…');
    return undefined;
  }
}

function readPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new TypeError('no key');
  return [decodeURIComponent(pair.slice(0, at).trim()), decodeURIComponent(pair.slice(at + 1).trim())];
}

function items(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
