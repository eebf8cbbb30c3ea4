import type { SpanType } from '../../core/index.ts';
import {
  CALL_ATTRIBUTES,
  CONTENT_ATTRIBUTES,
  CORRELATION_ATTRIBUTES,
  type Placement,
  TYPE_ATTRIBUTES,
} from './conventions.ts';
import { isRecord, type RawRecord } from './record.ts';

/** What attributes of known conventions say about a span, in our words. */
export interface SpanFacts {
  type: SpanType;
  input?: unknown;
  output?: unknown;
  tags?: string[];
  /** Ids of people, sessions and entities. */
  correlation: Record<string, string>;
  metadata: RawRecord;
  /** Our attributes and, under their own names, all that no convention explained. */
  attributes: RawRecord;
}

/**
 * Explains the attributes of a span by the conventions in use for AI applications. The first attribute that has a
 * usable value for a place is moved there; every other stays as it is.
 */
export function factsOf(attributes: RawRecord): SpanFacts {
  const left = { ...attributes };
  const type = typeOf(attributes);
  const correlation = move(left, CORRELATION_ATTRIBUTES) as Record<string, string>;
  if (type === 'agent_run' && correlation['entityName'] !== undefined) correlation['entityType'] = 'agent';
  if (type === 'tool_call' && correlation['entityName'] !== undefined) correlation['entityType'] = 'tool';
  const { metadata, ...content } = move(left, CONTENT_ATTRIBUTES);
  const known = move(left, CALL_ATTRIBUTES);
  known['model'] ??= known['responseModel'];
  if (known['model'] === known['responseModel']) delete known['responseModel'];
  if (known['model'] === undefined) delete known['model'];
  completeBuckets(known['usage']);
  return {
    type,
    correlation,
    metadata: isRecord(metadata) ? metadata : {},
    ...content,
    attributes: { ...left, ...known },
  };
}

function typeOf(attributes: RawRecord): SpanType {
  for (const [attribute, types] of Object.entries(TYPE_ATTRIBUTES)) {
    const value = attributes[attribute];
    if (typeof value === 'string' && Object.hasOwn(types, value)) return types[value]!;
  }
  return 'generic';
}

/** Takes the attributes that a table knows out of `left` and puts them in their places. */
function move(left: RawRecord, table: Placement): RawRecord {
  const placed: RawRecord = {};
  for (const [attribute, reading, place] of table) {
    if (!Object.hasOwn(left, attribute)) continue;
    const value = reading(left[attribute]);
    if (value === undefined || !put(placed, place.split('.'), value)) continue;
    delete left[attribute];
  }
  return placed;
}

/** Puts a value at a path that is still free. */
function put(target: RawRecord, path: readonly string[], value: unknown): boolean {
  const [key, ...rest] = path as [string, ...string[]];
  if (rest.length > 0) {
    target[key] ??= {};
    return put(target[key] as RawRecord, rest, value);
  }
  if (Object.hasOwn(target, key)) return false;
  target[key] = value;
  return true;
}

/** The conventions count cached and reasoning tokens within the totals; ours are exclusive, so the rest is text. */
function completeBuckets(usage: unknown): void {
  if (!isRecord(usage)) return;
  for (const [total, details] of [
    ['inputTokens', 'inputDetails'],
    ['outputTokens', 'outputDetails'],
  ] as const) {
    const parts = usage[details];
    const whole = usage[total];
    if (!isRecord(parts) || typeof whole !== 'number') continue;
    const rest = Object.values(parts).reduce((sum: number, part) => sum - (part as number), whole);
    if (rest >= 0) parts['text'] = rest;
  }
}
