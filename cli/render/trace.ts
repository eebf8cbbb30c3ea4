import { type ExportedSpan, printable } from '../../core/index.ts';
import { type TreeRow, treeRows } from './forest.ts';
import { type Linked, linkedLines } from './linked.ts';
import { durationOf, errorLine, kindOf, usageNote } from './span-words.ts';
import { createStyle, type Style } from './style.ts';
import { headerLines } from './trace-header.ts';
import { barOf, type Extent, extentOf } from './waterfall.ts';
import { cutTo, fitTo, widthOf } from './width.ts';

/** How a trace is drawn, and what is shown beneath it. */
export interface RenderTraceOptions extends Linked {
  /** Columns of the terminal. */
  width: number;
  color: boolean;
}

/**
 * A trace for people: a line about the whole, the tree with its waterfall, then scores, feedback and logs. No line is
 * wider than `width`, and nothing in the data reaches the terminal as anything but text.
 */
export function renderTrace(spans: readonly ExportedSpan[], options: RenderTraceOptions): string {
  const style = createStyle(options.color);
  const rows = treeRows(spans);
  return [
    ...headerLines(rows, options.width, style),
    ...treeLines(rows, options.width, style),
    ...linkedLines(rows, options, options.width, style),
  ].join('\n');
}

const DURATION_COLUMNS = 8;
const GAP = 2;
const MIN_WIDTH_FOR_BARS = 60;
const MAX_BAR = 48;

interface Layout {
  label: number;
  /** 0: no bars. */
  bar: number;
  note: number;
}

function treeLines(rows: readonly TreeRow[], width: number, style: Style): string[] {
  const extent = extentOf(rows.map(({ span }) => span));
  const labels = rows.map(labelOf);
  const notes = rows.map(({ span, stray }) =>
    [printable(usageNote(span)), stray ?? ''].filter(Boolean).join('  '),
  );
  const layout = layoutOf(labels, notes, width);
  return rows.flatMap((row, index) => [
    spanLine(row, notes[index]!, extent, layout, style),
    ...errorLines(row, width, style),
  ]);
}

/** Name and note get what they need up to their share, the bars the rest. */
function layoutOf(labels: readonly string[], notes: readonly string[], width: number): Layout {
  const widest = (texts: readonly string[]) => texts.reduce((most, text) => Math.max(most, widthOf(text)), 0);
  const note = Math.min(widest(notes), Math.floor(width * 0.3));
  const hasBars = width >= MIN_WIDTH_FOR_BARS;
  const fixed = DURATION_COLUMNS + GAP + (note > 0 ? note + GAP : 0);
  const label = Math.min(widest(labels), hasBars ? Math.floor(width * 0.45) : width - fixed);
  const bar = hasBars ? Math.min(MAX_BAR, width - label - fixed - GAP) : 0;
  return { label: Math.max(1, label), bar, note };
}

function labelOf({ span, rails, depth }: TreeRow): string {
  const point = span.isEvent ? '◆ ' : '';
  const kind = kindOf(span);
  const level = depth * 3 > rails.length ? `${depth} ` : '';
  return level + rails + point + printable(`${kind === '' ? '' : `${kind} `}${span.name}`);
}

function spanLine(row: TreeRow, note: string, extent: Extent, layout: Layout, style: Style): string {
  const { span } = row;
  const cells = [
    paintLabel(fitTo(labelOf(row), layout.label), row, style),
    fitTo(durationOf(span), DURATION_COLUMNS, 'right'),
    ...(layout.bar > 0 ? [paintBar(span, barOf(span, extent, layout.bar), style)] : []),
    ...(layout.note > 0 ? [style.dim(cutTo(note, layout.note))] : []),
  ];
  return cells.join('  ').trimEnd();
}

function paintLabel(label: string, { span, rails }: TreeRow, style: Style): string {
  if (span.status === 'error') return style.red(label);
  const kind = kindOf(span);
  const start = rails.length + (span.isEvent ? 2 : 0);
  if (kind === '' || !label.startsWith(`${kind} `, start)) return label;
  return label.slice(0, start) + style.dim(kind) + label.slice(start + kind.length);
}

function paintBar(span: ExportedSpan, bar: string, style: Style): string {
  if (span.status === 'error') return style.red(bar);
  if (span.status === 'running') return style.yellow(bar);
  const kind = kindOf(span);
  return kind === 'llm' ? style.magenta(bar) : kind.endsWith('tool') ? style.cyan(bar) : style.blue(bar);
}

function errorLines({ span, railsBelow }: TreeRow, width: number, style: Style): string[] {
  if (!span.errorInfo) return [];
  const line = `${railsBelow}! ${printable(errorLine(span.errorInfo))}`;
  return [style.red(cutTo(line, width))];
}
