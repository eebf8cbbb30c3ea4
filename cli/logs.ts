import type { LogEvent, LogLevel } from '../core/index.ts';
import { type EventFilters, logFiltersOf } from './event-filters.ts';
import { type EventList, shortId, showEvents } from './event-list.ts';
import type { ExitCode } from './exit-codes.ts';
import type { PageOptions } from './list-report.ts';
import { clockTime, dateTime } from './render/amounts.ts';
import type { Style } from './render/style.ts';

/** Lists one page of the stored logs that pass the filters. */
export function logs(options: PageOptions): Promise<ExitCode> {
  return showEvents(LOGS, logFiltersOf(options), options);
}

const LOGS: EventList<EventFilters['logs'], LogEvent> = {
  noun: 'log',
  query: async (store, args) => {
    const { logs, pagination } = await store.listLogs(args);
    return { events: logs, pagination };
  },
  columns: [
    { title: 'time' },
    { title: 'level' },
    { title: 'message', isFlexible: true, maxWidth: 80 },
    { title: 'data', isFlexible: true, maxWidth: 60 },
    { title: 'trace' },
  ],
  row: ({ record, timestamp, traceId }, style) => [
    { text: momentOf(timestamp), paint: style.dim },
    { text: record.level, paint: levelPaint(record.level, style) },
    record.message,
    { text: record.data === undefined ? '' : (JSON.stringify(record.data) ?? ''), paint: style.dim },
    { text: shortId(traceId), paint: style.dim },
  ],
};

function levelPaint(level: LogLevel, style: Style): (text: string) => string {
  return { debug: style.dim, info: style.green, warn: style.yellow, error: style.red, fatal: style.red }[
    level
  ];
}

/** A time to the millisecond where it was today, else to the second. */
function momentOf(time: Date): string {
  const full = dateTime(time);
  return full.slice(0, 10) === dateTime(new Date()).slice(0, 10) ? clockTime(time) : full;
}
