import { InvalidArgumentError, Option } from 'commander';
import type { ListTracesArgs } from '../core/index.ts';

type Filters = NonNullable<ListTracesArgs['filters']>;

/** One filter that was asked for. */
export interface TraceFilter {
  /** As it could be typed: `--user u-1`. */
  flag: string;
  part: Filters;
}

/** The options that are equal to one field of the entry span. */
const EQUAL = [
  ['type', 'type', 'type of the entry span, such as agent_run'],
  ['name', 'name', 'name of the entry span'],
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
] as const satisfies readonly (readonly [option: string, field: keyof Filters, description: string])[];

/** The options of `obs traces` that narrow the list. */
export function traceFilterOptions(): Option[] {
  const time = 'such as 30m, 12h, 7d, 2026-01-31 or 2026-01-31T14:00Z';
  return [
    new Option('--since <time>', `started at or after; ${time}`).argParser(timeOf),
    new Option('--until <time>', 'started before; the same forms').argParser(timeOf),
    new Option('--status <status>', 'status of the entry span').choices(['ok', 'error', 'running']),
    new Option('--errors', 'the same as --status error').conflicts('status'),
    new Option('--child-errors', 'another span than the entry span failed'),
    ...EQUAL.map(([option, , description]) => new Option(`--${option} <text>`, description)),
    new Option('--tag <tag>', 'has the tag; may be repeated').argParser(collect),
    new Option('--metadata <key=value>', 'metadata entry; may be repeated').argParser(collectEntry),
  ];
}

/** The filters that the parsed options ask for. */
export function traceFiltersOf(options: Record<string, unknown>): TraceFilter[] {
  const { since, until, status, errors, childErrors, tag = [], metadata = [] } = options as ParsedFilters;
  const equal = EQUAL.flatMap(([option, field]): TraceFilter[] => {
    const value = options[camel(option)];
    return typeof value === 'string' ? [{ flag: `--${option} ${value}`, part: { [field]: value } }] : [];
  });
  return [
    ...(since ? [{ flag: `--since ${since.text}`, part: { startedAt: { start: since.date } } }] : []),
    ...(until
      ? [{ flag: `--until ${until.text}`, part: { startedAt: { end: until.date, endExclusive: true } } }]
      : []),
    ...(status ? [{ flag: `--status ${status}`, part: { status } }] : []),
    ...(errors ? [{ flag: '--errors', part: { status: 'error' as const } }] : []),
    ...(childErrors ? [{ flag: '--child-errors', part: { hasChildError: true } }] : []),
    ...equal,
    ...tag.map((one) => ({ flag: `--tag ${one}`, part: { tags: [one] } })),
    ...metadata.map(({ text, key, value }) => ({
      flag: `--metadata ${text}`,
      part: { metadata: { [key]: value } },
    })),
  ];
}

/** All filters as one argument of a query. */
export function combine(filters: readonly TraceFilter[]): Filters {
  const parts = filters.map(({ part }) => part);
  const all: Filters = Object.assign({}, ...parts);
  if (all.startedAt) all.startedAt = Object.assign({}, ...parts.map(({ startedAt }) => startedAt));
  if (all.metadata) all.metadata = Object.assign({}, ...parts.map(({ metadata }) => metadata));
  if (all.tags) all.tags = parts.flatMap(({ tags = [] }) => tags);
  return all;
}

interface ParsedFilters {
  since?: { text: string; date: Date };
  until?: { text: string; date: Date };
  status?: 'ok' | 'error' | 'running';
  errors?: true;
  childErrors?: true;
  tag?: string[];
  metadata?: MetadataEntry[];
}

interface MetadataEntry {
  text: string;
  key: string;
  value: string | number | boolean | null;
}

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

function timeOf(text: string): { text: string; date: Date } {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? [];
  const date = unit ? new Date(Date.now() - Number(amount) * UNITS[unit]!) : new Date(text);
  if (Number.isNaN(date.getTime()) || (!unit && !/^\d{4}-\d\d/.test(text))) {
    throw new InvalidArgumentError('A time such as 30m, 12h, 7d, 2026-01-31 or 2026-01-31T14:00Z is needed.');
  }
  return { text, date };
}

function collect(text: string, before: string[] = []): string[] {
  return [...before, text];
}

/** `n=1` and `b=true` are a number and a boolean; `n="1"` is a text. */
function collectEntry(text: string, before: MetadataEntry[] = []): MetadataEntry[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('The form is key=value.');
  return [...before, { text, key: text.slice(0, at), value: scalarOf(text.slice(at + 1)) }];
}

function scalarOf(text: string): MetadataEntry['value'] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? text : (value as MetadataEntry['value']);
  } catch {
    return text;
  }
}

function camel(option: string): string {
  return option.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
