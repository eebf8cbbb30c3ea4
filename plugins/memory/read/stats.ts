import { SIGNALS, type Signal, type SignalStats } from '../../../core/index.ts';
import type { AnswerTo, Tables } from './answer.ts';

/** How much is stored. */
export const getStats: AnswerTo<'getStats'> = (tables) => ({
  signals: SIGNALS.map((signal) => statsOf(tables, signal)),
  traces: tables.tracing.traceIds.length,
  bytes: 0,
});

function statsOf(tables: Tables, signal: Signal): SignalStats {
  const times = timesOf(tables, signal).sort((a, b) => a.getTime() - b.getTime());
  const [oldest, newest] = [times[0], times.at(-1)];
  return { signal, records: times.length, ...(oldest && newest && { oldest, newest }) };
}

function timesOf(tables: Tables, signal: Signal): Date[] {
  if (signal === 'tracing') return tables.tracing.all().map(({ startTime }) => startTime);
  return tables[signal].all().map(({ timestamp }) => timestamp);
}
