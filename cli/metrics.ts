import type { Aggregation, ObservabilityStorage } from '../core/index.ts';
import { type EventFilters, metricFiltersOf } from './event-filters.ts';
import { withWholeTraceIds } from './event-list.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { combine, type Filter } from './filters.ts';
import { nothingLine } from './list-report.ts';
import { readMetric } from './metric-groups.ts';
import { printMetric } from './metric-table.ts';
import { count, counted, number } from './render/amounts.ts';
import { createStyle } from './render/style.ts';
import { renderTable } from './render/table.ts';
import { withStore } from './stores.ts';
import { createTerminal, type Terminal } from './terminal.ts';

/** The options of `obs metrics` beside its filters. */
export interface MetricsOptions extends Record<string, unknown> {
  by?: string[];
  interval?: string;
  aggregation?: Aggregation;
  percentiles?: number[];
  limit: number;
  store?: string;
  json?: boolean;
}

type Filters = Filter<EventFilters['metrics']>[];

/** Lists the metrics, or shows one: a line for each group with its value, percentiles and trend. */
export function metrics(options: MetricsOptions, name?: string): Promise<ExitCode> {
  const terminal = createTerminal(options.json);
  return withStore(options.store, async (store) => {
    const filters = await withWholeTraceIds(store, metricFiltersOf(options));
    if (name === undefined) await listNames(store, filters, options, terminal);
    else await showOne(store, name, filters, options, terminal);
    return EXIT.ok;
  });
}

async function listNames(
  store: ObservabilityStorage,
  filters: Filters,
  { limit }: MetricsOptions,
  terminal: Terminal,
): Promise<void> {
  const by = ['name', 'metricType'];
  const found = await store.getMetricBreakdown({ filters: combine(filters), aggregation: 'last', by, limit });
  const rows = found.groups
    .map(({ key, value, count }) => ({
      name: key['name'] ?? '',
      metricType: key['metricType'] ?? '',
      count,
      last: value,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  if (terminal.isJson) for (const row of rows) terminal.json(row);
  else if (rows.length > 0) {
    const style = createStyle(terminal.color);
    const cells = rows.map((row) => [
      { text: row.name, paint: style.bold },
      row.metricType,
      count(row.count),
      row.last === null ? '' : number(row.last),
    ]);
    terminal.print(renderTable(NAME_COLUMNS, cells, terminal.width, style).join('\n'));
  }
  terminal.say(await belowLine(store, filters, 'metric', rows.length, found.total));
}

async function showOne(
  store: ObservabilityStorage,
  name: string,
  filters: Filters,
  options: MetricsOptions,
  terminal: Terminal,
): Promise<void> {
  const named: Filters = [{ flag: name, part: { name } }, ...filters];
  const metric = await readMetric(store, { ...combine(named), name }, options);
  if (terminal.isJson) for (const group of metric.groups) terminal.json({ name, ...group });
  else if (metric.groups.length > 0) printMetric(metric, terminal);
  terminal.say(await belowLine(store, named, 'group', metric.groups.length, metric.total));
}

async function belowLine(
  store: ObservabilityStorage,
  filters: Filters,
  noun: string,
  shown: number,
  total: number,
): Promise<string> {
  if (total > shown) return `${count(shown)} of ${counted(total, noun)}; more: --limit`;
  if (total > 0) return counted(total, noun);
  return nothingLine('observation', filters, async (some) => {
    const { pagination } = await store.listMetrics({ filters: combine(some), pagination: { perPage: 1 } });
    return pagination.total;
  });
}

const NAME_COLUMNS = [
  { title: 'metric', isFlexible: true, maxWidth: 60 },
  { title: 'type' },
  { title: 'count', align: 'right' },
  { title: 'last', align: 'right' },
] as const;
