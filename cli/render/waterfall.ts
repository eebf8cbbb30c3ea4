import type { ExportedSpan } from '../../core/index.ts';

/** The time that a trace covers, in microseconds since the epoch. */
export interface Extent {
  start: number;
  end: number;
}

/** From the first start to the last known time. */
export function extentOf(spans: readonly ExportedSpan[]): Extent {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const { startUnixMicro, endUnixMicro = startUnixMicro } of spans) {
    start = Math.min(start, startUnixMicro, endUnixMicro);
    end = Math.max(end, startUnixMicro, endUnixMicro);
  }
  return { start, end };
}

/**
 * The bar of a span in exactly `columns` columns: `█` where it ran, `◆` for a point in time, `▒` with an arrow to the
 * end for one that still runs.
 */
export function barOf(span: ExportedSpan, extent: Extent, columns: number): string {
  const first = columnOf(span.startUnixMicro, extent, columns);
  if (span.isEvent) return `${' '.repeat(first)}◆`.padEnd(columns);
  if (span.endUnixMicro === undefined) return `${' '.repeat(first)}${'▒'.repeat(columns - first - 1)}▶`;
  const last = columnOf(Math.max(span.startUnixMicro, span.endUnixMicro), extent, columns);
  return `${' '.repeat(first)}${'█'.repeat(last - first + 1)}`.padEnd(columns);
}

function columnOf(time: number, { start, end }: Extent, columns: number): number {
  const share = end > start ? (time - start) / (end - start) : 0;
  return Math.min(columns - 1, Math.floor(share * columns));
}
