import { hideJsonEntries } from '../../core/index.ts';
import type { ResolvedRedactOptions } from './options.ts';
import { type PathNode, stepInto, treeOf } from './paths.ts';
import { compilePattern } from './patterns.ts';
import { hideMatches } from './text.ts';

/** What stands where it could not be found out whether something is to be hidden. */
export const FAILED = '[redaction failed]';

/** Identity, kind and time: without them an event is none. */
const KEPT = new Set([
  'id',
  'traceId',
  'spanId',
  'parentSpanId',
  'type',
  'metricType',
  'status',
  'level',
  'startTime',
  'endTime',
  'timestamp',
  'truncated',
]);

/** Fields that may hold anything; the others keep their kind, so that whoever reads the event finds what it expects. */
const FREE = new Set(['input', 'output', 'data']);

/** A number with so many digits may be somebody's. */
const MIN_LONG_NUMBER = 1e8;

/** Gives an object without what is to be hidden; the same object when that is nothing. */
export type RedactFields = <T extends object>(holder: T) => T;

/** What the options say, ready for the fields of a record. What fails in a field hides it. */
export function createRedaction(options: ResolvedRedactOptions): RedactFields {
  const { mark, maxTextLength } = options;
  const keys = new Set(options.keys.map(canonical));
  const root = treeOf(options.paths);
  const patterns = options.patterns.map(compilePattern);
  const isKey = (key: string) => keys.has(canonical(key));

  function cleanText(text: string): string {
    const clean = keys.size > 0 && text.includes('"') ? hideJsonEntries(text, isKey, mark) : text;
    return patterns.length > 0 ? hideMatches(clean, patterns, mark, maxTextLength) : clean;
  }

  function clean(value: unknown, nodes: readonly PathNode[]): unknown {
    if (typeof value === 'string') return cleanText(value);
    if (typeof value === 'number') return cleanNumber(value);
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    return Array.isArray(value) ? cleanList(value, nodes) : cleanRecord(value as Entries, nodes);
  }

  function cleanNumber(value: number): unknown {
    if (patterns.length === 0 || Math.abs(value) < MIN_LONG_NUMBER) return value;
    const text = String(value);
    const shown = cleanText(text);
    return shown === text ? value : shown;
  }

  function cleanEntry(key: string, read: () => unknown, nodes: readonly PathNode[]): unknown {
    try {
      const value = read();
      const next = stepInto(nodes, key);
      const isHidden = next.some(({ isEnd }) => isEnd) || (keys.size > 0 && isKey(key));
      return isHidden ? hide(value, mark) : clean(value, next);
    } catch {
      return FAILED;
    }
  }

  function cleanList(list: readonly unknown[], nodes: readonly PathNode[]): unknown {
    const copy = list.map((value, index) => cleanEntry(`${index}`, () => value, nodes));
    return copy.some((value, index) => value !== list[index]) ? copy : list;
  }

  function cleanRecord(record: Entries, nodes: readonly PathNode[]): Entries {
    const names = Object.keys(record);
    let copy: Entries | undefined;
    for (const [index, key] of names.entries()) {
      const shown = cleanEntry(key, () => record[key], nodes);
      if (!copy && shown !== FAILED && shown === record[key]) continue;
      copy ??= Object.fromEntries(names.slice(0, index).map((before) => [before, record[before]]));
      copy[key] = shown;
    }
    return copy ?? record;
  }

  return <T extends object>(holder: T): T => {
    let copy: Entries | undefined;
    for (const [field, value] of Object.entries(holder)) {
      if ((typeof value !== 'string' && typeof value !== 'object') || value === null || KEPT.has(field))
        continue;
      const shown = cleanEntry(field, () => value, [root]);
      if (shown === value) continue;
      copy ??= { ...holder } as Entries;
      copy[field] = FREE.has(field) ? shown : ofItsKind(shown, value);
    }
    return (copy as T | undefined) ?? holder;
  };
}

type Entries = Record<string, unknown>;

/** Nothing is nothing to hide. */
function hide(value: unknown, mark: string): unknown {
  return value === null || value === undefined || value === '' ? value : mark;
}

/** A mark in place of a list or an object, as one. */
function ofItsKind(shown: unknown, value: unknown): unknown {
  if (typeof shown !== 'string' || typeof value !== 'object') return shown;
  return Array.isArray(value) ? [shown] : { redacted: shown };
}

function canonical(key: string): string {
  return key.toLowerCase().replace(/[_\- ]/g, '');
}
