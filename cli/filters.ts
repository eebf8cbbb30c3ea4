import { InvalidArgumentError, Option } from 'commander';
import type { Correlation } from '../core/index.ts';

/** One filter that was asked for. */
export interface Filter<F> {
  /** As it could be typed: `--user u-1`. */
  flag: string;
  part: F;
}

/** The options that are equal to one field of {@link Correlation}. */
const CORRELATION = [
  ['entity-type', 'entityType', 'what ran, such as agent'],
  ['entity-name', 'entityName', 'its name'],
  ['entity-id', 'entityId', 'its id'],
  ['user', 'userId', 'user id'],
  ['organization', 'organizationId', 'organization id'],
  ['resource', 'resourceId', 'resource id'],
  ['run', 'runId', 'run id'],
  ['session', 'sessionId', 'session id'],
  ['thread', 'threadId', 'thread id'],
  ['request', 'requestId', 'request id'],
  ['environment', 'environment', 'deployment environment'],
  ['service', 'serviceName', 'service name'],
  ['source', 'source', 'where it came from, such as langfuse'],
] as const satisfies readonly (readonly [option: string, field: keyof Correlation, description: string])[];

type Field = (typeof CORRELATION)[number][1];

/** The options that ask who and what something belongs to: all, or those of some fields. */
export function correlationOptions(fields?: readonly Field[]): Option[] {
  const wanted = CORRELATION.filter(([, field]) => fields?.includes(field) ?? true);
  return wanted.map(([option, , description]) => new Option(`--${option} <text>`, description));
}

/** The filters of the parsed {@link correlationOptions}. */
export function correlationFiltersOf(options: Record<string, unknown>): Filter<Correlation>[] {
  return CORRELATION.flatMap(([option, field]) => equalFilter(options, option, field));
}

/** The filter of an option whose text must be equal to a field; none when it was not given. */
export function equalFilter<K extends string>(
  options: Record<string, unknown>,
  option: string,
  field: K,
): Filter<{ [F in K]: string }>[] {
  const value = options[option.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
  if (typeof value !== 'string') return [];
  return [{ flag: `--${option} ${value}`, part: { [field]: value } as { [F in K]: string } }];
}

/** The options `--since` and `--until`; `what` says what must lie between them. */
export function timeOptions(what: string): Option[] {
  const time = 'such as 30m, 12h, 7d, 2026-01-31 or 2026-01-31T14:00Z';
  return [
    new Option('--since <time>', `${what} at or after; ${time}`).argParser(timeOf),
    new Option('--until <time>', `${what} before; the same forms`).argParser(timeOf),
  ];
}

/** A time as it was typed, and what it means. */
interface GivenTime {
  text: string;
  date: Date;
}

/** The filters of the parsed {@link timeOptions}, on the field that holds the time. */
export function timeFiltersOf<K extends string>(
  options: Record<string, unknown>,
  field: K,
): Filter<{ [F in K]: { start?: Date; end?: Date; endExclusive?: boolean } }>[] {
  const { since, until } = options as { since?: GivenTime; until?: GivenTime };
  const on = <R>(range: R) => ({ [field]: range }) as { [F in K]: R };
  return [
    ...(since ? [{ flag: `--since ${since.text}`, part: on({ start: since.date }) }] : []),
    ...(until ? [{ flag: `--until ${until.text}`, part: on({ end: until.date, endExclusive: true }) }] : []),
  ];
}

/** All filters as one argument of a query: lists are joined, ranges and records merged. */
export function combine<F extends object>(filters: readonly Filter<F>[]): F {
  const all: Record<string, unknown> = {};
  for (const { part } of filters) {
    for (const [key, value] of Object.entries(part)) all[key] = joined(all[key], value);
  }
  return all as F;
}

function joined(before: unknown, value: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(value)) return [...before, ...value];
  return isPlain(before) && isPlain(value) ? { ...before, ...value } : value;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Adds a value to those of an option that may be repeated. */
export function collect(text: string, before: string[] = []): string[] {
  return [...before, text];
}

/** The parts of `key=value`. @throws InvalidArgumentError for any other form. */
export function entryOf(text: string): [key: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('The form is key=value.');
  return [text.slice(0, at), text.slice(at + 1)];
}

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds of an age such as `30m`; undefined for any other text. */
export function ageOf(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? [];
  return unit ? Number(amount) * UNITS[unit]! : undefined;
}

function timeOf(text: string): GivenTime {
  const age = ageOf(text);
  const date = age === undefined ? new Date(text) : new Date(Date.now() - age);
  if (Number.isNaN(date.getTime()) || (age === undefined && !/^\d{4}-\d\d/.test(text))) {
    throw new InvalidArgumentError('A time such as 30m, 12h, 7d, 2026-01-31 or 2026-01-31T14:00Z is needed.');
  }
  return { text, date };
}
