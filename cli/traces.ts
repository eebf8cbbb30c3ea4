import type { ObservabilityStorage, TraceSummary } from '../core/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { combine } from './filters.ts';
import { directionOf, nothingLine, type PageOptions, pageOf, totalLine } from './list-report.ts';
import { cost, count, counted, shortTime, tokens } from './render/amounts.ts';
import { durationOf } from './render/span-words.ts';
import { createStyle, type Style } from './render/style.ts';
import { type Cell, type Column, renderTable } from './render/table.ts';
import { statusWord } from './render/trace-header.ts';
import { withStore } from './stores.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { type TraceFilter, traceFiltersOf } from './trace-filters.ts';

/** The options of `obs traces` beside its filters. */
export interface TracesOptions extends PageOptions {
  sort: 'started' | 'ended';
}

/** Lists one page of the stored traces that pass the filters, the newest first unless asked otherwise. */
export async function traces(options: TracesOptions): Promise<ExitCode> {
  const terminal = createTerminal(options.json);
  const filters = traceFiltersOf(options);
  return withStore(options.store, async (store) => {
    const { spans, pagination } = await store.listTraces({
      filters: combine(filters),
      pagination: pageOf(options),
      orderBy: {
        field: options.sort === 'ended' ? 'endedAt' : 'startedAt',
        direction: directionOf(options),
      },
    });
    if (terminal.isJson) for (const summary of spans) terminal.json(summary);
    else if (spans.length > 0) printTable(spans, terminal);
    terminal.say(
      pagination.total > 0
        ? totalLine(pagination.total, spans.length, 'trace', options)
        : await nothingLine('trace', filters, (some) => countTraces(store, some)),
    );
    return EXIT.ok;
  });
}

const COLUMNS: readonly Column[] = [
  { title: 'trace' },
  { title: 'status' },
  { title: 'name', isFlexible: true, maxWidth: 48 },
  { title: 'duration', align: 'right' },
  { title: 'spans', align: 'right', isMinor: true },
  { title: 'tokens', align: 'right' },
  { title: 'cost', align: 'right' },
  { title: 'started' },
  { title: 'thread', isFlexible: true, isMinor: true, maxWidth: 24 },
  { title: 'user', isFlexible: true, isMinor: true, maxWidth: 24 },
];

function printTable(summaries: readonly TraceSummary[], terminal: Terminal): void {
  const style = createStyle(terminal.color);
  const idLength = shortLength(summaries.map(({ traceId }) => traceId));
  const rows = summaries.map((summary) => rowOf(summary, idLength, style));
  terminal.print(renderTable(COLUMNS, rows, terminal.width, style).join('\n'));
}

function rowOf(summary: TraceSummary, idLength: number, style: Style): Cell[] {
  const { inputTokens = 0, outputTokens = 0, errorCount } = summary;
  const errors = errorCount > 0 && summary.status !== 'error' ? ` (${counted(errorCount, 'error')})` : '';
  return [
    summary.traceId.slice(0, idLength),
    { text: summary.status + errors, paint: errors ? style.yellow : statusWord(summary.status, style) },
    { text: summary.name, paint: style.bold },
    durationOf(summary),
    count(summary.spanCount),
    inputTokens + outputTokens > 0 ? tokens(inputTokens + outputTokens) : '',
    summary.cost === undefined ? '' : cost(summary.cost),
    { text: shortTime(summary.startTime, new Date()), paint: style.dim },
    summary.threadId ?? '',
    summary.userId ?? '',
  ];
}

/** Ids of ours begin with their time, so fewer characters would often be ambiguous. */
const MIN_ID_LENGTH = 16;

/** As many characters as tell the ids of a page apart. */
function shortLength(ids: readonly string[]): number {
  const longest = Math.max(...ids.map((id) => id.length));
  for (let length = MIN_ID_LENGTH; length < longest; length++) {
    if (new Set(ids.map((id) => id.slice(0, length))).size === new Set(ids).size) return length;
  }
  return longest;
}

async function countTraces(store: ObservabilityStorage, filters: readonly TraceFilter[]): Promise<number> {
  const { pagination } = await store.listTraces({ filters: combine(filters), pagination: { perPage: 1 } });
  return pagination.total;
}
