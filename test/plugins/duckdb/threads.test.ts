import { expect } from 'chai';
import fc from 'fast-check';
import type { ExportedSpan, ListThreadsArgs, ThreadSummary } from '../../../core/index.ts';
import { storeInMemory } from './opened.ts';
import { START, span, spanId, traceId } from './records.ts';
import { isWithin, summariesOf } from './trace-reference.ts';

type Filters = NonNullable<ListThreadsArgs['filters']>;

const names = fc.constantFrom('a', 'b', 'c', undefined);
const randomTrace = fc.record({
  threadId: fc.constantFrom('t1', 't2', 't3', 't4', 't5', 't6', 't7', undefined),
  userId: names,
  resourceId: names,
  environment: names,
  serviceName: names,
  offset: fc.integer({ min: 0, max: 50 }),
  status: fc.constantFrom('ok', 'error', 'running'),
  tokens: fc.nat(9),
  isStray: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
});

/** 60 traces of three spans: an entry, a model call, and its step that reports the same usage again. */
function randomSpans(): ExportedSpan[] {
  const traces = fc.sample(randomTrace, { seed: 17, numRuns: 60 });
  return traces.flatMap(({ offset, tokens, isStray, status, ...more }, t) => {
    const startUnixMicro = START + offset * 1_000;
    const usage = {
      attributes: { usage: { inputTokens: tokens, outputTokens: 1 }, cost: { total: tokens / 4 } },
    };
    const times = { startUnixMicro, startTime: new Date(startUnixMicro / 1000) };
    return [
      span(t, 0, { ...more, ...times, status, parentSpanId: isStray ? 'ffffffffffffffff' : undefined }),
      span(t, 1, { ...times, threadId: 'not of the entry', status, ...usage }),
      span(t, 2, { ...times, parentSpanId: spanId(1), ...usage }),
    ];
  });
}

/** The plain reference. */
function threadsOf(spans: readonly ExportedSpan[], filters: Filters): ThreadSummary[] {
  const { startedAt, ...equal } = filters;
  return [...byThread(summariesOf(spans))]
    .filter(([threadId]) => threadId !== undefined)
    .filter(([, traces]) =>
      traces.some(
        (trace) =>
          Object.entries(equal).every(([key, value]) => trace[key as keyof typeof trace] === value) &&
          (!startedAt || isWithin(trace.startTime, startedAt)),
      ),
    )
    .map(([threadId, traces]) => {
      const sorted = traces.sort(
        (a, b) => a.startUnixMicro - b.startUnixMicro || (a.traceId < b.traceId ? -1 : 1),
      );
      const newest = sorted.at(-1)!;
      const sum = (value: (trace: (typeof traces)[number]) => number) =>
        traces.reduce((total, trace) => total + value(trace), 0);
      const tokens = sum(({ traceId: id }) => tokensOf(spans, id));
      return {
        threadId: threadId!,
        ...(newest.userId !== undefined && { userId: newest.userId }),
        ...(newest.resourceId !== undefined && { resourceId: newest.resourceId }),
        turns: traces.length,
        spanCount: sum((trace) => trace.spanCount),
        errorCount: sum((trace) => trace.errorCount),
        runningCount: sum((trace) => trace.runningCount),
        inputTokens: tokens,
        outputTokens: traces.length,
        cost: tokens / 4,
        firstAt: sorted[0]!.startTime,
        lastAt: newest.startTime,
      };
    });
}

function byThread<T extends { threadId?: string }>(traces: readonly T[]): Map<string | undefined, T[]> {
  const groups = new Map<string | undefined, T[]>();
  for (const trace of traces) groups.set(trace.threadId, [...(groups.get(trace.threadId) ?? []), trace]);
  return groups;
}

function tokensOf(spans: readonly ExportedSpan[], id: string): number {
  const call = spans.find((one) => one.traceId === id && one.id === spanId(1));
  return (call!.attributes as { usage: { inputTokens: number } }).usage.inputTokens;
}

describe('listThreads of the DuckDB store', () => {
  const store = storeInMemory();

  it('gives each thread with its turns, spans, errors, tokens and cost, by its newest trace', async () => {
    const spans = randomSpans();
    await store().batchCreateSpans({ records: spans });
    const startedAt = { start: new Date(START / 1000 + 20), end: new Date(START / 1000 + 30) };
    const filters: Filters[] = [
      {},
      { threadId: 't3' },
      { threadId: 'not of the entry' },
      { userId: 'a' },
      { userId: 'a', resourceId: 'b', environment: 'c' },
      { serviceName: 'c', startedAt },
      { startedAt },
    ];
    for (const filter of filters)
      for (const direction of ['ASC', 'DESC'] as const) {
        const sign = direction === 'ASC' ? 1 : -1;
        const expected = threadsOf(spans, filter).sort(
          (a, b) => sign * (+a.lastAt - +b.lastAt || (a.threadId < b.threadId ? -1 : 1)),
        );
        const listed = await store().listThreads({ filters: filter, orderBy: { direction } });
        expect(listed.threads, JSON.stringify(filter)).to.deep.equal(expected);
        expect(listed.pagination).to.deep.equal({
          total: expected.length,
          page: 0,
          perPage: 10,
          hasMore: false,
        });
      }
  });

  it('gives the same threads page by page and from cursor to cursor', async () => {
    await store().batchCreateSpans({ records: randomSpans() });
    const all = (await store().listThreads()).threads;
    expect(all).to.have.length(7);
    const byPage = [];
    for (let page = 0; page < 3; page++)
      byPage.push(...(await store().listThreads({ pagination: { page, perPage: 3 } })).threads);
    expect(byPage).to.deep.equal(all);
    const byCursor = [];
    let after: string | undefined;
    do {
      const pagination = { perPage: 3, ...(after !== undefined && { after }) };
      const listed = await store().listThreads({ pagination });
      expect(listed.pagination.total).to.equal(7);
      byCursor.push(...listed.threads);
      after = listed.pagination.nextCursor;
      expect(listed.pagination.hasMore).to.equal(after !== undefined);
    } while (after !== undefined);
    expect(byCursor).to.deep.equal(all);
  });

  it('knows no tokens and no cost where none were reported', async () => {
    await store().batchCreateSpans({ records: [span(0, 0, { threadId: 'quiet', traceId: traceId(0) })] });
    const [thread] = (await store().listThreads()).threads;
    expect(thread).to.include({ threadId: 'quiet', turns: 1, spanCount: 1 });
    expect(thread).to.not.have.any.keys('inputTokens', 'outputTokens', 'cost', 'userId');
  });
});
