import { Option } from 'commander';
import type { ListTracesArgs } from '../core/index.ts';
import {
  collect,
  correlationFiltersOf,
  correlationOptions,
  entryOf,
  equalFilter,
  type Filter,
  timeFiltersOf,
  timeOptions,
} from './filters.ts';

type Filters = NonNullable<ListTracesArgs['filters']>;

/** One filter of `obs traces` that was asked for. */
export type TraceFilter = Filter<Filters>;

/** The options of `obs traces` that narrow the list. */
export function traceFilterOptions(): Option[] {
  return [
    ...timeOptions('started'),
    new Option('--search <text>', 'text anywhere in a span of the trace'),
    new Option('--status <status>', 'status of the entry span').choices(['ok', 'error', 'running']),
    new Option('--errors', 'the same as --status error').conflicts('status'),
    new Option('--child-errors', 'another span than the entry span failed'),
    new Option('--type <text>', 'type of the entry span, such as agent_run'),
    new Option('--name <text>', 'name of the entry span'),
    ...correlationOptions(),
    new Option('--tag <tag>', 'has the tag; may be repeated').argParser(collect),
    new Option('--metadata <key=value>', 'metadata entry; may be repeated').argParser(collectEntry),
  ];
}

/** The filters that the parsed options ask for. */
export function traceFiltersOf(options: Record<string, unknown>): TraceFilter[] {
  const { status, errors, childErrors, tag = [], metadata = [] } = options as ParsedFilters;
  return [
    ...timeFiltersOf(options, 'startedAt'),
    ...equalFilter(options, 'search', 'search'),
    ...(status ? [{ flag: `--status ${status}`, part: { status } }] : []),
    ...(errors ? [{ flag: '--errors', part: { status: 'error' as const } }] : []),
    ...(childErrors ? [{ flag: '--child-errors', part: { hasChildError: true } }] : []),
    ...equalFilter(options, 'type', 'type'),
    ...equalFilter(options, 'name', 'name'),
    ...correlationFiltersOf(options),
    ...tag.map((one) => ({ flag: `--tag ${one}`, part: { tags: [one] } })),
    ...metadata.map(({ text, key, value }) => ({
      flag: `--metadata ${text}`,
      part: { metadata: { [key]: value } },
    })),
  ];
}

interface ParsedFilters {
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

/** `n=1` and `b=true` are a number and a boolean; `n="1"` is a text. */
function collectEntry(text: string, before: MetadataEntry[] = []): MetadataEntry[] {
  const [key, value] = entryOf(text);
  return [...before, { text, key, value: scalarOf(value) }];
}

function scalarOf(text: string): MetadataEntry['value'] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? text : (value as MetadataEntry['value']);
  } catch {
    return text;
  }
}
