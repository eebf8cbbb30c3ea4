import { printable } from '../../core/index.ts';
import type { Style } from './style.ts';
import { fitTo, widthOf } from './width.ts';

/** A column of a table. */
export interface Column {
  title: string;
  /** Default: left. */
  align?: 'left' | 'right';
  /** Columns of the terminal; the cell is cut beyond. Default: as wide as its widest cell. */
  maxWidth?: number;
  /** The column gives way when the terminal is too narrow, the widest first. Default: it does not. */
  isFlexible?: boolean;
}

/** One cell: a text, and how it is painted. */
export type Cell = string | { text: string; paint: (text: string) => string };

const GAP = '  ';
const MIN_FLEXIBLE = 8;

/**
 * Lines of a table in at most `width` columns, titles first. Columns at the right end that are empty in every row are
 * left out; flexible ones shrink.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly Cell[][],
  width: number,
  style: Style,
): string[] {
  const shown = columns
    .map((_, index) => index)
    .filter((index) => rows.some((row) => textOf(row[index]) !== ''));
  const widths = columnWidths(
    shown.map((index) => columns[index]!),
    shown.map((index) => rows.map((row) => textOf(row[index]))),
    width,
  );
  const line = (cells: readonly Cell[]) =>
    shown
      .map((index, place) =>
        paintOf(cells[index])(fitTo(textOf(cells[index]), widths[place]!, columns[index]!.align)),
      )
      .join(GAP)
      .trimEnd();
  const titles = columns.map(({ title }) => ({ text: title, paint: style.dim }));
  return [line(titles), ...rows.map(line)];
}

function columnWidths(columns: readonly Column[], cells: readonly string[][], width: number): number[] {
  const widths = columns.map(({ title, maxWidth = Number.POSITIVE_INFINITY }, index) =>
    Math.min(maxWidth, Math.max(widthOf(title), ...cells[index]!.map(widthOf))),
  );
  const isFlexible = (index: number) => columns[index]!.isFlexible && widths[index]! > MIN_FLEXIBLE;
  let excess = widths.reduce((sum, one) => sum + one, GAP.length * (widths.length - 1)) - width;
  for (; excess > 0; excess--) {
    const flexible = [...widths.keys()].filter(isFlexible);
    if (flexible.length === 0) break;
    const widest = flexible.reduce((a, b) => (widths[b]! > widths[a]! ? b : a));
    widths[widest]! -= 1;
  }
  return widths;
}

/** Cells come from data: what a terminal would obey is shown by its code. */
function textOf(cell: Cell | undefined): string {
  return printable(typeof cell === 'object' ? cell.text : (cell ?? ''));
}

function paintOf(cell: Cell | undefined): (text: string) => string {
  return typeof cell === 'object' ? cell.paint : (text) => text;
}
