import fc from 'fast-check';
import {
  CORRELATION_KEYS,
  type ExportedSpan,
  type ListTracesArgs,
  type TraceSummary,
} from '../../../core/index.ts';
import { START, span, spanId, started, traceId } from './records.ts';

type Filters = NonNullable<ListTracesArgs['filters']>;

const words = fc.constantFrom('a', 'b', 'c');
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const metadata = fc.record(
  { tier: words, n: fc.nat(2), flag: fc.boolean(), gone: fc.constant(null) },
  { requiredKeys: [], noNullPrototype: true },
);
const tags = fc.uniqueArray(words, { maxLength: 3 });
const offset = fc.integer({ min: 0, max: 40_000 });

const fields = fc.record({
  ...Object.fromEntries(CORRELATION_KEYS.map((key) => [key, maybe(words)])),
  name: words,
  type: fc.constantFrom('agent_run', 'tool_call'),
  status: fc.constantFrom('running', 'ok', 'ok', 'ok', 'error'),
  parent: fc.constantFrom('none', 'first', 'first', 'first', 'foreign'),
  metadata: maybe(metadata),
  tags: maybe(tags),
  offset,
});

/** 90 traces of up to five spans, with roots, remote parents and several parentless spans. */
export const randomSpans: fc.Arbitrary<ExportedSpan[]> = fc
  .array(fc.array(fields, { minLength: 1, maxLength: 5 }), { minLength: 90, maxLength: 90, size: 'max' })
  .map((traces) => traces.flatMap((trace, t) => trace.map((parts, n) => randomSpan(t, n, parts as never))));

function randomSpan(
  t: number,
  n: number,
  { parent, offset: after, ...parts }: { parent: string; offset: number; status: string },
) {
  const startUnixMicro = START + after;
  const ids = { none: undefined, first: spanId(0), foreign: 'ffffffffffffffff' };
  const parentSpanId = n === 0 && parent === 'first' ? undefined : ids[parent as keyof typeof ids];
  const more = { ...parts, parentSpanId, startUnixMicro, startTime: new Date(startUnixMicro / 1000) };
  return parts.status === 'running' ? started(t, n, more) : span(t, n, more);
}

const range = fc.record(
  {
    start: offset.map((after) => new Date((START + after) / 1000)),
    end: offset.map((after) => new Date((START + after) / 1000)),
    startExclusive: fc.boolean(),
    endExclusive: fc.boolean(),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const single = (key: string, value: fc.Arbitrary<unknown>) => value.map((chosen) => ({ [key]: chosen }));
const oneFilter = fc.oneof(
  ...CORRELATION_KEYS.map((key) => single(key, words)),
  single('name', words),
  single('type', fc.constantFrom('agent_run', 'tool_call', 'unknown')),
  single('status', fc.constantFrom('running', 'ok', 'error')),
  single('startedAt', range),
  single('endedAt', range),
  single('tags', tags),
  single('metadata', metadata),
  single('hasChildError', fc.boolean()),
  single('traceId', fc.nat(89).map(traceId)),
  single(
    'traceIdPrefix',
    fc.tuple(fc.nat(89), fc.integer({ min: 1, max: 32 })).map(([n, length]) => traceId(n).slice(0, length)),
  ),
);

/** Any filters, page and order. */
export const randomQuery = fc.record(
  {
    filters: fc.array(oneFilter, { maxLength: 3 }).map((filters) => Object.assign({}, ...filters) as Filters),
    pagination: fc.record(
      { page: fc.nat(3), perPage: fc.constantFrom(1, 7, 20, 1000) },
      { noNullPrototype: true },
    ),
    orderBy: fc.record(
      { field: fc.constantFrom('startedAt', 'endedAt'), direction: fc.constantFrom('ASC', 'DESC') },
      { noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
) as fc.Arbitrary<ListTracesArgs>;

/** The plain reference: one summary per trace. */
export function summariesOf(spans: readonly ExportedSpan[]): TraceSummary[] {
  const traces = new Map<string, ExportedSpan[]>();
  for (const one of spans) traces.set(one.traceId, [...(traces.get(one.traceId) ?? []), one]);
  return [...traces.values()].map((trace) => {
    const ids = new Set(trace.map(({ id }) => id));
    const rank = ({ parentSpanId }: ExportedSpan) =>
      parentSpanId === undefined ? 0 : ids.has(parentSpanId) ? 2 : 1;
    const [entry] = [...trace].sort(
      (a, b) => rank(a) - rank(b) || a.startUnixMicro - b.startUnixMicro || (a.id < b.id ? -1 : 1),
    );
    const errors = trace.filter(({ status }) => status === 'error');
    const hasChildError = errors.some((failed) => failed !== entry);
    const runningCount = trace.filter(({ status }) => status === 'running').length;
    return { ...entry!, spanCount: trace.length, errorCount: errors.length, runningCount, hasChildError };
  });
}

/** The plain reference: the summaries that match, in order. */
export function search(
  summaries: readonly TraceSummary[],
  { filters = {}, orderBy }: ListTracesArgs,
): TraceSummary[] {
  const { field = 'startedAt', direction = 'DESC' } = orderBy ?? {};
  const key = field === 'startedAt' ? 'startUnixMicro' : 'endUnixMicro';
  const sign = direction === 'ASC' ? 1 : -1;
  return summaries
    .filter((summary) => matches(summary, filters))
    .sort((a, b) => {
      const [left, right] = [a[key], b[key]];
      if (left !== undefined && right !== undefined && left !== right) return sign * (left - right);
      if ((left === undefined) !== (right === undefined)) return left === undefined ? 1 : -1;
      return sign * (a.traceId < b.traceId ? -1 : 1);
    });
}

function matches(
  summary: TraceSummary,
  { startedAt, endedAt, traceIdPrefix = '', tags = [], metadata = {}, ...equal }: Filters,
): boolean {
  return (
    Object.entries(equal).every(([key, value]) => summary[key as keyof TraceSummary] === value) &&
    summary.traceId.startsWith(traceIdPrefix) &&
    (!startedAt || isWithin(summary.startTime, startedAt)) &&
    (!endedAt ||
      !(endedAt.start || endedAt.end) ||
      (summary.endTime !== undefined && isWithin(summary.endTime, endedAt))) &&
    tags.every((tag) => summary.tags?.includes(tag)) &&
    Object.entries(metadata).every(([key, value]) => summary.metadata?.[key] === value)
  );
}

/** Whether a time lies in a range. */
export function isWithin(
  time: Date,
  { start, end, startExclusive, endExclusive }: NonNullable<Filters['startedAt']>,
): boolean {
  if (start && (startExclusive ? time <= start : time < start)) return false;
  return !(end && (endExclusive ? time >= end : time > end));
}
