import { printable, SIGNALS, type Signal } from '../../core/index.ts';
import { problemLines } from '../problems.ts';
import { bytes, counted } from '../render/amounts.ts';
import type { Style } from '../render/style.ts';
import { type Cell, type Column, renderTable } from '../render/table.ts';
import type { PluginReport, SignalReport } from './plugin-report.ts';

const COLUMNS: readonly Column[] = [
  { title: 'entry' },
  { title: 'plugin' },
  { title: 'signals' },
  { title: 'state' },
  { title: 'why' },
];

/** A table of the entries and their signals. */
export function pluginTable(plugins: readonly PluginReport[], width: number, style: Style): string[] {
  const rows = plugins.flatMap((plugin) => rowsOf(plugin, style));
  return renderTable(COLUMNS, rows, width, style);
}

/** What is wrong with the entries, in full, below the table; nothing where nothing is. */
export function pluginTroubles(plugins: readonly PluginReport[], style: Style): string[] {
  const troubles = plugins.flatMap((plugin) => troubleLines(plugin, style));
  return troubles.length > 0 ? ['', ...troubles] : [];
}

/** One row for signals of which the same is to be said. */
function rowsOf(report: PluginReport, style: Style): Cell[][] {
  const { key, plugin = '', state, why = '', signals } = report;
  if (state === 'off') return [[key, plugin, '', { text: 'off', paint: style.yellow }, why]];
  if (state === 'broken')
    return [[key, plugin, '', { text: 'broken', paint: style.red }, 'its config has mistakes, see below']];
  const said = new Map<string, { of: Signal[]; cells: [Cell, string] }>();
  for (const signal of SIGNALS) {
    const found = signals[signal];
    if (!found) continue;
    const cells = cellsOf(found, style);
    const same = said.get(JSON.stringify(cells)) ?? { of: [], cells };
    same.of.push(signal);
    said.set(JSON.stringify(cells), same);
  }
  if (said.size === 0) return [[key, plugin, '', '', 'it takes no signal']];
  return [...said.values()].map(({ of, cells }, n) => [
    n === 0 ? key : '',
    n === 0 ? plugin : '',
    of.length === SIGNALS.length ? 'all' : of.join(', '),
    ...cells,
  ]);
}

function cellsOf({ state, why = '', probe }: SignalReport, style: Style): [Cell, string] {
  if (state === 'off') return [{ text: 'off', paint: style.yellow }, why];
  switch (probe?.outcome) {
    case undefined:
      return [{ text: 'on', paint: style.green }, why];
    case 'arrived':
      return [{ text: 'arrived', paint: style.green }, why];
    case 'unknown':
      return [
        { text: 'on', paint: style.green },
        'the plugin sends by itself: whether it arrived is not known here',
      ];
    default:
      return [{ text: 'failed', paint: style.red }, probe!.message];
  }
}

function troubleLines({ key, signals, problems, deadLetters, spool }: PluginReport, style: Style): string[] {
  const name = style.bold(printable(key));
  const failures = new Map<string, string>();
  for (const signal of SIGNALS) {
    const probe = signals[signal]?.probe;
    if (probe?.outcome === 'failed') failures.set(probe.message, probe.hint);
  }
  const lines = [...failures].flatMap(([message, hint]) => [
    `${name}: ${style.red(printable(message))}`,
    `  hint: ${printable(hint)}`,
  ]);
  lines.push(...problems.flatMap((problem) => problemLines(problem, style)));
  if (deadLetters) {
    const { count, path, newest } = deadLetters;
    const last = newest ? `; the newest, ${newest.at}: ${newest.reason}` : '';
    lines.push(
      `${name}: ${printable(`${counted(count, 'event')} refused for good, kept in ${path}${last}`)}`,
    );
  }
  if (spool) {
    const waiting = `${bytes(spool.bytes)} in ${counted(spool.files, 'file')} of ${spool.path} wait to be sent`;
    lines.push(`${name}: ${printable(waiting)}`);
  }
  return lines;
}
