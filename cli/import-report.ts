import {
  bySignal,
  type Diagnostics,
  type ObservabilityEvent,
  printable,
  SIGNALS,
  type Signal,
  signalOf,
} from '../core/index.ts';
import type { Imported, ImportProblem } from './import/importer.ts';
import { counted } from './render/amounts.ts';
import { createStyle } from './render/style.ts';
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
const NOUNS: Record<Signal, string> = {
  tracing: 'span',
  metrics: 'metric',
  logs: 'log',
  scores: 'score',
  feedback: 'feedback event',
};

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
  for (const { code, position, message } of problems.slice(0, MAX_PROBLEMS)) {
    const place = [file, position].filter((part) => part !== '').join('  ');
    terminal.print(`  ${style.red(code)}  ${printable(place)}: ${printable(message)}`);
  }
  if (problems.length > MAX_PROBLEMS)
    terminal.print(`  … ${problems.length - MAX_PROBLEMS} more, with --json`);
}

/** Says what became of all events at each plugin; true when every event was delivered. */
export function reportPlugins({ plugins }: Diagnostics, terminal: Terminal): boolean {
  let isComplete = true;
  for (const [key, { signals, state, lastError }] of Object.entries(plugins)) {
    const taken = SIGNALS.flatMap((signal) =>
      signals[signal]?.accepted ? [[signal, signals[signal]] as const] : [],
    );
    const lost = taken.filter(([, counts]) => counts.delivered < counts.accepted);
    isComplete &&= lost.length === 0;
    if (terminal.isJson)
      terminal.json({ kind: 'plugin', plugin: key, state, signals: Object.fromEntries(taken), lastError });
    else if (taken.length > 0) {
      const all = taken.map(([signal, { delivered, accepted }]) => `${signal} ${delivered} of ${accepted}`);
      terminal.print(`${printable(key)}: events delivered: ${all.join(', ')}`);
      if (lost.length > 0 && lastError) terminal.print(`  ${printable(lastError.message)}`);
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
