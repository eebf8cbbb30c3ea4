import { EXIT, type ExitCode } from './exit-codes.ts';
import { bytes, count, counted, dateTime } from './render/amounts.ts';
import { createStyle } from './render/style.ts';
import { renderTable } from './render/table.ts';
import { withStore } from './stores.ts';
import { createTerminal } from './terminal.ts';

/** The options of `obs stats`. */
export interface StatsOptions {
  store?: string;
  json?: boolean;
}

/** Shows how much is stored of each signal, from when to when, and how large it is. */
export function stats(options: StatsOptions): Promise<ExitCode> {
  const terminal = createTerminal(options.json);
  return withStore(options.store, async (store) => {
    const found = await store.getStats();
    if (terminal.isJson) {
      terminal.json(found);
      return EXIT.ok;
    }
    const style = createStyle(terminal.color);
    const rows = found.signals.map(({ signal, records, oldest, newest }) => [
      { text: signal, paint: style.bold },
      count(records),
      { text: oldest ? dateTime(oldest) : '', paint: style.dim },
      { text: newest ? dateTime(newest) : '', paint: style.dim },
    ]);
    terminal.print(renderTable(COLUMNS, rows, terminal.width, style).join('\n'));
    terminal.print(`\n${counted(found.traces, 'trace')}, ${bytes(found.bytes)} on disk`);
    return EXIT.ok;
  });
}

const COLUMNS = [
  { title: 'signal' },
  { title: 'records', align: 'right' },
  { title: 'oldest' },
  { title: 'newest' },
] as const;
