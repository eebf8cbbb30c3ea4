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
  /** The column is left out when the terminal is too narrow for all, the last first. Default: it stays. */
  isMinor?: boolean;
}

/** One cell: a text, and how it is painted. */
export type Cell = string | { text: string; paint: (text: string) => string };

const GAP = '  ';
const MIN_FLEXIBLE = 8;
/** A flexible column with less says little: before that, minor ones go. */
const READABLE = 12;

/**
 * Lines of a table in at most `width` columns, titles first. Columns that are empty in every row are left out; minor ones
 * go and flexible ones shrink where it is too narrow.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly Cell[][],
  width: number,
  style: Style,
): string[] {
  const natural = columns.map((column, index): Sized => {
    const widest = Math.max(widthOf(column.title), ...rows.map((row) => widthOf(textOf(row[index]))));
    return { column, index, width: Math.min(column.maxWidth ?? Number.POSITIVE_INFINITY, widest) };
  });
  const filled = natural.filter(({ index }) => rows.some((row) => textOf(row[index]) !== ''));
  const shown = shrunk(chosen(filled, width), width);
  const line = (cells: readonly Cell[]) =>
    shown
      .map(({ column, index, width }) =>
        paintOf(cells[index])(fitTo(textOf(cells[index]), width, column.align)),
      )
      .join(GAP)
      .trimEnd();
  const titles = columns.map(({ title }) => ({ text: title, paint: style.dim }));
  return [line(titles), ...rows.map(line)];
}

/** A column with its place in the rows. */
interface Sized {
  column: Column;
  index: number;
  width: number;
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, one) => total + one, GAP.length * (widths.length - 1));
}

/** As many of the minor columns as there is room for. */
function chosen(all: readonly Sized[], width: number): readonly Sized[] {
  const least = all.map(({ column, width }) => (column.isFlexible ? Math.min(width, READABLE) : width));
  const last = all.findLastIndex(({ column }) => column.isMinor);
  if (last < 0 || sum(least) <= width) return all;
  return chosen(all.toSpliced(last, 1), width);
}

/** The widest flexible columns give way until all fit. */
function shrunk(columns: readonly Sized[], width: number): readonly Sized[] {
  const sized = columns.map((one) => ({ ...one }));
  for (let excess = sum(sized.map((one) => one.width)) - width; excess > 0; excess--) {
    const flexible = sized.filter((one) => one.column.isFlexible && one.width > MIN_FLEXIBLE);
    if (flexible.length === 0) break;
    flexible.reduce((a, b) => (b.width > a.width ? b : a)).width -= 1;
  }
  return sized;
}

/** Cells come from data: what a terminal would obey is shown by its code. */
function textOf(cell: Cell | undefined): string {
  return printable(typeof cell === 'object' ? cell.text : (cell ?? ''));
}

function paintOf(cell: Cell | undefined): (text: string) => string {
  return typeof cell === 'object' ? cell.paint : (text) => text;
}
