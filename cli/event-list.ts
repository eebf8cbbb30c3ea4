import type { ObservabilityStorage, PageInfo } from '../core/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { combine, type Filter } from './filters.ts';
import { directionOf, nothingLine, type PageOptions, pageOf, totalLine } from './list-report.ts';
import { createStyle, type Style } from './render/style.ts';
import { type Cell, type Column, renderTable } from './render/table.ts';
import { withStore } from './stores.ts';
import { createTerminal } from './terminal.ts';
import { findTraceId } from './trace-id.ts';

/** What a list of events asks its store for. */
export interface ListArgs<F> {
  filters: F;
  pagination: { page?: number; perPage: number };
  orderBy?: { direction: 'ASC' | 'DESC' };
}

/** One kind of events as `obs` lists them. */
export interface EventList<F, E> {
  /** What one of them is called, such as `log`. */
  noun: string;
  query(store: ObservabilityStorage, args: ListArgs<F>): Promise<{ events: E[]; pagination: PageInfo }>;
  columns: readonly Column[];
  row(event: E, style: Style): Cell[];
}

/** Lists one page of events, the newest first unless asked otherwise. */
export async function showEvents<F extends { traceId?: string | undefined }, E>(
  list: EventList<F, E>,
  asked: readonly Filter<F>[],
  options: PageOptions,
): Promise<ExitCode> {
  const terminal = createTerminal(options.json);
  return withStore(options.store, async (store) => {
    const filters = await withWholeTraceIds(store, asked);
    const { events, pagination } = await list.query(store, {
      filters: combine(filters),
      pagination: pageOf(options),
      orderBy: { direction: directionOf(options) },
    });
    if (terminal.isJson) for (const event of events) terminal.json(event);
    else if (events.length > 0) {
      const style = createStyle(terminal.color);
      const rows = events.map((event) => list.row(event, style));
      terminal.print(renderTable(list.columns, rows, terminal.width, style).join('\n'));
    }
    const countMatching = async (some: readonly Filter<F>[]) =>
      (await list.query(store, { filters: combine(some), pagination: { perPage: 1 } })).pagination.total;
    terminal.say(
      pagination.total > 0
        ? totalLine(pagination.total, events.length, list.noun, options)
        : await nothingLine(list.noun, filters, countMatching),
    );
    return EXIT.ok;
  });
}

/** The filters with `--trace last`, or the beginning of an id, replaced by the id that is meant. */
export async function withWholeTraceIds<F extends { traceId?: string | undefined }>(
  store: ObservabilityStorage,
  filters: readonly Filter<F>[],
): Promise<Filter<F>[]> {
  return Promise.all(
    filters.map(async ({ flag, part }) => {
      const { traceId } = part;
      if (traceId === undefined) return { flag, part };
      return { flag, part: { ...part, traceId: await findTraceId(store, traceId) } };
    }),
  );
}

/** Ids of ours begin with their time, so this many characters mostly tell them apart. */
const SHORT_ID = 16;

/** The beginning of a trace id, as `obs trace` takes it; empty without one. */
export function shortId(traceId: string | undefined): string {
  return traceId?.slice(0, SHORT_ID) ?? '';
}
