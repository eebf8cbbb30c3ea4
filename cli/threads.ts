import { ObsError, type ObservabilityStorage, type ThreadSummary, type TraceSummary } from '../core/index.ts';
import { shortId } from './event-list.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { combine } from './filters.ts';
import { directionOf, nothingLine, type PageOptions, pageOf, totalLine } from './list-report.ts';
import { cost, count, shortTime, tokens } from './render/amounts.ts';
import { durationOf } from './render/span-words.ts';
import { createStyle, type Style } from './render/style.ts';
import { type Cell, type Column, renderTable } from './render/table.ts';
import { statusWord } from './render/trace-header.ts';
import { withStore } from './stores.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { threadFiltersOf } from './thread-filters.ts';

/** Lists one page of the conversations, the last active first; with an id the turns of that one, the oldest first. */
export function threads(options: PageOptions, id?: string): Promise<ExitCode> {
  const terminal = createTerminal(options.json);
  return withStore(options.store, async (store) => {
    if (id === undefined) await showThreads(store, options, terminal);
    else await showTurns(store, id, options, terminal);
    return EXIT.ok;
  });
}

async function showThreads(
  store: ObservabilityStorage,
  options: PageOptions,
  terminal: Terminal,
): Promise<void> {
  const filters = threadFiltersOf(options);
  const { threads, pagination } = await store.listThreads({
    filters: combine(filters),
    pagination: pageOf(options),
    orderBy: { direction: directionOf(options) },
  });
  const countMatching = async (some: typeof filters) =>
    (await store.listThreads({ filters: combine(some), pagination: { perPage: 1 } })).pagination.total;
  show(threads, THREAD_COLUMNS, threadRow, terminal);
  terminal.say(
    pagination.total > 0
      ? totalLine(pagination.total, threads.length, 'thread', options)
      : await nothingLine('thread', filters, (some) => countMatching([...some])),
  );
}

async function showTurns(
  store: ObservabilityStorage,
  threadId: string,
  options: PageOptions,
  terminal: Terminal,
): Promise<void> {
  const { spans, pagination } = await store.listTraces({
    filters: { ...combine(threadFiltersOf(options)), threadId },
    pagination: pageOf(options),
    orderBy: { direction: 'ASC' },
  });
  if (pagination.total === 0) {
    throw new ObsError('OBS_TRACE_NOT_FOUND', `no stored trace of these is of thread "${threadId}"`, {
      hint: 'List the conversations with `obs threads`.',
    });
  }
  show(spans, TURN_COLUMNS, turnRow, terminal);
  terminal.say(totalLine(pagination.total, spans.length, 'turn', options));
}

function show<R>(
  records: readonly R[],
  columns: readonly Column[],
  row: (record: R, style: Style) => Cell[],
  terminal: Terminal,
): void {
  if (terminal.isJson) for (const record of records) terminal.json(record);
  else if (records.length > 0) {
    const style = createStyle(terminal.color);
    const rows = records.map((record) => row(record, style));
    terminal.print(renderTable(columns, rows, terminal.width, style).join('\n'));
  }
}

const THREAD_COLUMNS: readonly Column[] = [
  { title: 'thread', isFlexible: true, maxWidth: 40 },
  { title: 'turns', align: 'right' },
  { title: 'spans', align: 'right', isMinor: true },
  { title: 'errors', align: 'right' },
  { title: 'tokens', align: 'right' },
  { title: 'cost', align: 'right' },
  { title: 'first', isMinor: true },
  { title: 'last' },
  { title: 'user', isFlexible: true, isMinor: true, maxWidth: 24 },
];

function threadRow(thread: ThreadSummary, style: Style): Cell[] {
  const now = new Date();
  const running = thread.runningCount > 0 ? ` (${count(thread.runningCount)} running)` : '';
  return [
    { text: thread.threadId, paint: style.bold },
    count(thread.turns),
    { text: count(thread.spanCount) + running, paint: running ? style.yellow : String },
    { text: thread.errorCount > 0 ? count(thread.errorCount) : '', paint: style.red },
    ...spent(thread),
    { text: shortTime(thread.firstAt, now), paint: style.dim },
    { text: shortTime(thread.lastAt, now), paint: style.dim },
    thread.userId ?? '',
  ];
}

const TURN_COLUMNS: readonly Column[] = [
  { title: 'trace' },
  { title: 'status' },
  { title: 'input', isFlexible: true, maxWidth: 60 },
  { title: 'output', isFlexible: true, maxWidth: 60 },
  { title: 'duration', align: 'right' },
  { title: 'tokens', align: 'right', isMinor: true },
  { title: 'cost', align: 'right' },
  { title: 'started', isMinor: true },
];

function turnRow(turn: TraceSummary, style: Style): Cell[] {
  return [
    { text: shortId(turn.traceId), paint: style.dim },
    { text: turn.status, paint: statusWord(turn.status, style) },
    glance(turn.input) || turn.name,
    glance(turn.output),
    durationOf(turn),
    ...spent(turn),
    { text: shortTime(turn.startTime, new Date()), paint: style.dim },
  ];
}

function spent({
  inputTokens = 0,
  outputTokens = 0,
  ...of
}: Pick<ThreadSummary, 'inputTokens' | 'outputTokens' | 'cost'>): Cell[] {
  const used = inputTokens + outputTokens;
  return [used > 0 ? tokens(used) : '', of.cost === undefined ? '' : cost(of.cost)];
}

const MAX_GLANCE = 200;

/** The beginning of what went in or came out, on one line. */
function glance(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.slice(0, MAX_GLANCE).replace(/\s+/g, ' ').trim();
}
