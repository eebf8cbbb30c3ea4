import { LOG_SEVERITY, type ObservabilityEvent, type Signal, signalOf } from '../../core/index.ts';
import type { FilterRule, ResolvedFilterOptions } from './options.ts';

/** True for an event that is to go on. */
export type Judge = (event: ObservabilityEvent) => boolean;

/** The rules of the options as one question. */
export function createJudge({ drop, keep }: ResolvedFilterOptions): Judge {
  const dropped = drop.map(createTest);
  const kept = keep.map(createTest);
  const isLimited = (signal: Signal) =>
    keep.some((rule) => (rule.signal ?? signalOfRule(rule) ?? signal) === signal);
  return (event) => {
    if (dropped.some((fits) => fits(event))) return false;
    return !isLimited(signalOf(event)) || kept.some((fits) => fits(event));
  };
}

/** The one signal that a rule can be about, where its conditions say so. */
function signalOfRule({ type, below }: FilterRule): Signal | undefined {
  if (below !== undefined) return 'logs';
  return type === undefined ? undefined : 'tracing';
}

function createTest({ signal, name, type, below, attributes = {} }: FilterRule): Judge {
  const fitsName = name === undefined ? undefined : createNameTest(name);
  const wanted = Object.entries(attributes);
  return (event) => {
    if (signal !== undefined && signalOf(event) !== signal) return false;
    if (type !== undefined && !('exportedSpan' in event && event.exportedSpan.type === type)) return false;
    if (
      below !== undefined &&
      !(event.type === 'log' && LOG_SEVERITY[event.record.level] < LOG_SEVERITY[below])
    )
      return false;
    if (fitsName && !fitsName(nameOf(event))) return false;
    return wanted.every(([key, value]) => hasValue(event, key, value));
  };
}

/** `*` is any text; everything else is itself. */
function createNameTest(name: string): (text: string) => boolean {
  const [first = '', ...rest] = name.split('*');
  const last = rest.pop();
  if (last === undefined) return (text) => text === name;
  return (text) => {
    if (!text.startsWith(first)) return false;
    let from = first.length;
    for (const part of rest) {
      const at = text.indexOf(part, from);
      if (at === -1) return false;
      from = at + part.length;
    }
    return text.length - last.length >= from && text.endsWith(last);
  };
}

function nameOf(event: ObservabilityEvent): string {
  switch (event.type) {
    case 'metric':
      return event.name;
    case 'log':
      return event.record.message;
    case 'score':
      return event.score.scorerId;
    case 'feedback':
      return event.feedback.feedbackType;
    default:
      return event.exportedSpan.name;
  }
}

function hasValue(event: ObservabilityEvent, key: string, value: unknown): boolean {
  return holdersOf(event).some(
    (holder) =>
      typeof holder === 'object' &&
      holder !== null &&
      Object.hasOwn(holder, key) &&
      isSame((holder as Record<string, unknown>)[key], value),
  );
}

/** Labels are texts, whatever they were given as. */
function isSame(found: unknown, wanted: unknown): boolean {
  return found === wanted || (typeof found === 'string' && found === String(wanted));
}

function holdersOf(event: ObservabilityEvent): unknown[] {
  switch (event.type) {
    case 'metric':
      return [event.labels];
    case 'log':
      return [event.record.data];
    case 'score':
      return [event.score.metadata];
    case 'feedback':
      return [event.feedback.metadata];
    default:
      return [event.exportedSpan.attributes, event.exportedSpan.metadata];
  }
}
