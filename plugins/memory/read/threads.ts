import type { ExportedSpan, ParsedQuery, ThreadSummary } from '../../../core/index.ts';
import type { AnswerTo, Tables } from './answer.ts';
import { hasAll, isWithin } from './matches.ts';
import { pageOf } from './page.ts';
import { entryOf, sumOf, type Totals, totalsOf } from './summary.ts';

type Filters = NonNullable<ParsedQuery<'listThreads'>['filters']>;

/** One trace of a thread. */
interface Turn {
  entry: ExportedSpan;
  totals: Totals;
}

/** One page of threads, each with all of its traces. In one of them all filters must hold. */
export const listThreads: AnswerTo<'listThreads'> = (tables, { filters = {}, pagination, orderBy }) => {
  const threads = [...turnsByThread(tables)].filter(([, turns]) =>
    turns.some(({ entry }) => matches(entry, filters)),
  );
  const found = threads.map(([threadId, turns]) => ({
    lastMicro: newest(turns).startUnixMicro,
    threadId,
    turns,
  }));
  const page = pageOf(found, ({ lastMicro, threadId }) => [lastMicro, threadId], pagination, orderBy);
  return {
    threads: page.records.map(({ threadId, turns }) => summaryOf(threadId, turns)),
    pagination: page.pagination,
  };
};

function turnsByThread({ tracing }: Tables): Map<string, Turn[]> {
  const threads = new Map<string, Turn[]>();
  for (const traceId of tracing.traceIds) {
    const spans = tracing.trace(traceId);
    const entry = entryOf(spans);
    if (entry?.threadId === undefined) continue;
    const turns = threads.get(entry.threadId) ?? [];
    threads.set(entry.threadId, [...turns, { entry, totals: totalsOf(spans) }]);
  }
  return threads;
}

function matches(entry: ExportedSpan, { startedAt, ...equal }: Filters): boolean {
  return hasAll(entry, equal) && isWithin(entry.startTime, startedAt);
}

function newest(turns: readonly Turn[]): ExportedSpan {
  const entries = turns.map(({ entry }) => entry);
  return entries.reduce((a, b) => {
    if (a.startUnixMicro !== b.startUnixMicro) return a.startUnixMicro > b.startUnixMicro ? a : b;
    return a.traceId > b.traceId ? a : b;
  });
}

function summaryOf(threadId: string, turns: readonly Turn[]): ThreadSummary {
  const last = newest(turns);
  const { userId, resourceId } = last;
  const [first] = turns.map(({ entry }) => entry).sort((a, b) => a.startUnixMicro - b.startUnixMicro);
  return {
    threadId,
    ...(userId !== undefined && { userId }),
    ...(resourceId !== undefined && { resourceId }),
    turns: turns.length,
    ...sumOf(turns.map(({ totals }) => totals)),
    firstAt: first!.startTime,
    lastAt: last.startTime,
  };
}
