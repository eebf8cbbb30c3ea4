import { ObsError, type ObservabilityStorage, printable, SIGNALS, type Signal } from '../core/index.ts';
import { type SharedFilters, sharedFiltersOf } from './event-filters.ts';
import { withWholeTraceIds } from './event-list.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { pagesOf } from './export/pages.ts';
import type { ExportWriter } from './export/writer.ts';
import { combine } from './filters.ts';
import { counted } from './render/amounts.ts';
import { createProgress } from './render/progress.ts';
import { NOUNS } from './render/signal-nouns.ts';
import { withStore } from './stores.ts';
import { createTerminal } from './terminal.ts';

/** The options of `obs export` beside its filters. */
export interface ExportOptions extends Record<string, unknown> {
  format: 'jsonl' | 'otlp' | 'parquet';
  out?: string;
  signals?: Signal[];
  store?: string;
  json?: boolean;
}

/** Writes what is stored: page by page, so that memory does not grow with it. */
export function exportAll(options: ExportOptions): Promise<ExitCode> {
  const terminal = createTerminal(options.json);
  return withStore(options.store, async (store) => {
    const asked = sharedFiltersOf(options);
    const filters = combine(await withWholeTraceIds(store, asked));
    const writer = await openWriter(options);
    let written: Map<Signal, number>;
    try {
      written = await copy(store, signalsOf(options, writer), filters, writer);
      await writer.finish();
    } catch (error) {
      await writer.discard();
      throw error;
    }
    const parts = [...written].map(([signal, records]) => counted(records, NOUNS[signal]));
    const target = options.out === undefined ? '' : ` to ${printable(options.out)}`;
    terminal.say(parts.length > 0 ? `${parts.join(', ')} written${target}` : nothingLine(asked.length));
    const left = SIGNALS.filter((signal) => !writer.signals.includes(signal));
    if (!options.signals && left.length > 0)
      terminal.say(`${options.format} has no form for ${left.join(' and ')}`);
    return EXIT.ok;
  });
}

function nothingLine(filters: number): string {
  return filters > 0 ? 'nothing stored matches the filters' : 'nothing is stored';
}

async function openWriter({ format, out }: ExportOptions): Promise<ExportWriter> {
  if (format === 'jsonl') return (await import('./export/jsonl.ts')).openJsonl(out);
  if (format === 'otlp') return (await import('./export/otlp.ts')).openOtlp(out);
  if (out === undefined)
    throw new ObsError('OBS_CLI_USAGE', 'parquet needs --out: a directory for its files');
  return (await import('./export/parquet.ts')).openParquetFiles(out);
}

function signalsOf({ signals, format }: ExportOptions, writer: ExportWriter): readonly Signal[] {
  const without = signals?.find((signal) => !writer.signals.includes(signal));
  if (without === undefined) return signals ?? writer.signals;
  throw new ObsError('OBS_CLI_USAGE', `--signals: ${format} has no form for ${without}`);
}

/** Gives how many records of each signal were written; signals without any are left out. */
async function copy(
  store: ObservabilityStorage,
  signals: readonly Signal[],
  filters: SharedFilters,
  writer: ExportWriter,
): Promise<Map<Signal, number>> {
  const written = new Map<Signal, number>();
  for (const signal of signals) {
    const progress = createProgress(`exporting ${signal}`);
    let done = 0;
    for await (const page of pagesOf(store, signal, filters)) {
      const isRead = await writer.write(signal, page.events);
      if (!isRead) return written;
      written.set(signal, (written.get(signal) ?? 0) + page.events.length);
      done += page.done;
      progress.at(done, page.total);
    }
    progress.end();
  }
  return written;
}
