import {
  bySignal,
  type Diagnostics,
  ERROR_HINTS,
  type ObservabilityEvent,
  printable,
  SIGNALS,
  type Signal,
  signalOf,
} from '../core/index.ts';
import type { Imported, ImportProblem } from './import/importer.ts';
import { counted } from './render/amounts.ts';
import { NOUNS } from './render/signal-nouns.ts';
import { createStyle, type Style } from './render/style.ts';
import type { Terminal } from './terminal.ts';

/** Something wrong with a file or in it. */
export type FileProblem = Omit<ImportProblem, 'code'> & { code: ImportProblem['code'] | 'OBS_IMPORT_READ' };

/** What became of one file. */
export interface FileReport {
  file: string;
  imported: Imported;
  problems: readonly FileProblem[];
  /** Events that at least one plugin took. */
  accepted: number;
}

const MAX_PROBLEMS = 20;

/** Says what was read from a file, how much of it was taken, and each problem with its position. */
export function reportFile(
  { file, imported: { events }, problems, accepted }: FileReport,
  terminal: Terminal,
): void {
  const read = countRecords(events);
  if (terminal.isJson) {
    for (const problem of problems) terminal.json({ kind: 'problem', file, ...problem });
    terminal.json({ kind: 'file', file, read, events: events.length, accepted, problems: problems.length });
    return;
  }
  const style = createStyle(terminal.color);
  const parts = SIGNALS.filter((signal) => read[signal] > 0).map((signal) =>
    counted(read[signal], NOUNS[signal]),
  );
  const refused = events.length - accepted;
  if (refused > 0) parts.push(style.red(`${counted(refused, 'event')} taken by no plugin`));
  terminal.print(`${printable(file)}  ${parts.join(', ') || 'nothing'}`);
  for (const line of problemLines(file, problems, style)) terminal.print(`  ${line}`);
}

/** The first problems of a file, a line each, then what to do about each kind. */
function problemLines(file: string, problems: readonly FileProblem[], style: Style): string[] {
  const lines = problems.slice(0, MAX_PROBLEMS).map(({ code, position, message }) => {
    const place = [file, position].filter((part) => part !== '').join('  ');
    return `${style.red(code)}  ${printable(place)}: ${printable(message)}`;
  });
  if (problems.length > MAX_PROBLEMS) lines.push(`… ${problems.length - MAX_PROBLEMS} more, with --json`);
  const codes = new Set(problems.map(({ code }) => code));
  return [...lines, ...[...codes].map((code) => `hint: ${ERROR_HINTS[code]}`)];
}

/** Says what became of all events at each plugin; true when every event was delivered. */
export function reportPlugins({ plugins }: Diagnostics, terminal: Terminal): boolean {
  let isComplete = true;
  for (const [plugin, { signals, state, lastError }] of Object.entries(plugins)) {
    const taken = SIGNALS.flatMap((signal) =>
      signals[signal]?.accepted ? [[signal, signals[signal]] as const] : [],
    );
    const isLost = taken.some(([, { delivered, accepted }]) => delivered < accepted);
    if (isLost) isComplete = false;
    if (terminal.isJson) {
      terminal.json({ kind: 'plugin', plugin, state, signals: Object.fromEntries(taken), lastError });
    } else if (taken.length > 0) {
      const all = taken.map(([signal, { delivered, accepted }]) => `${signal} ${delivered} of ${accepted}`);
      terminal.print(`${printable(plugin)}: events delivered: ${all.join(', ')}`);
      if (isLost && lastError) terminal.print(`  ${printable(lastError.message)}`);
    }
  }
  return isComplete;
}

/** The records that events tell of: a span counts once, however many events it has. */
function countRecords(events: readonly ObservabilityEvent[]): Record<Signal, number> {
  const counts = bySignal(() => 0);
  const spans = new Set<string>();
  for (const event of events) {
    if ('exportedSpan' in event) spans.add(`${event.exportedSpan.traceId} ${event.exportedSpan.id}`);
    else counts[signalOf(event)]++;
  }
  return { ...counts, tracing: spans.size };
}
