import { intervalMs, type MetricGroup, type ReadMetric, TREND_STEPS } from './metric-groups.ts';
import { count, dateTime, number } from './render/amounts.ts';
import { sparkline } from './render/sparkline.ts';
import { createStyle } from './render/style.ts';
import { type Cell, type Column, renderTable } from './render/table.ts';
import type { Terminal } from './terminal.ts';

/** Shows a metric to people: a line for each group, and below it what the trend covers. */
export function printMetric(metric: ReadMetric, terminal: Terminal): void {
  const style = createStyle(terminal.color);
  const [first] = metric.groups;
  const labels = Object.keys(first?.by ?? {});
  const shares = Object.keys(first?.percentiles ?? {});
  const columns: Column[] = [
    ...labels.map((title) => ({ title, isFlexible: true, maxWidth: 40 })),
    { title: 'count', align: 'right' },
    ...(metric.aggregation === 'count' ? [] : [{ title: metric.aggregation, align: 'right' } as const]),
    ...shares.map((title) => ({ title, align: 'right' }) as const),
    { title: 'trend' },
  ];
  const steps = stepsOf(metric);
  const rows = metric.groups.map((group): Cell[] => [
    ...labels.map((label) => group.by[label] ?? '-'),
    count(group.count),
    ...(metric.aggregation === 'count' ? [] : [valueCell(group.value)]),
    ...shares.map((share) => valueCell(group.percentiles?.[share] ?? null)),
    { text: trendOf(group, steps), paint: style.cyan },
  ]);
  terminal.print(renderTable(columns, rows, terminal.width, style).join('\n'));
  const { from, to, interval } = metric;
  terminal.print(style.dim(`\ntrend: ${interval} a step, ${dateTime(from)} to ${dateTime(to)}`));
}

function valueCell(value: number | null): string {
  return value === null ? '' : number(value);
}

/** The starts of the steps that a trend has: the last ones where there are too many to show. */
function stepsOf({ from, to, interval }: ReadMetric): number[] {
  const length = intervalMs(interval);
  const first = Math.floor(from.getTime() / length);
  const last = Math.floor(to.getTime() / length);
  const shown = Math.min(TREND_STEPS, last - first + 1);
  return Array.from({ length: shown }, (_, index) => (last - shown + 1 + index) * length);
}

function trendOf({ points }: MetricGroup, steps: readonly number[]): string {
  const values = new Map(points.map(({ time, value }) => [time.getTime(), value]));
  return sparkline(steps.map((step) => values.get(step)));
}
