import type { ParsedQuery, TraceStructure } from '../../../core/index.ts';
import type { ReadContext } from './context.ts';
import { rowsOf } from './rows-of.ts';

const COLUMNS = {
  spanId: 's.span_id',
  parentId: 's.parent_span_id',
  name: 's.name',
  type: 's.type',
  status: 's.status',
  startMicro: 'epoch_us(s.started_at)',
  endMicro: 'epoch_us(s.ended_at)',
};
const LISTS = Object.entries(COLUMNS).map(([field, sql]) => `${field}: list(${sql})`);

/**
 * All columns as one text, in an order of DuckDB's own, the same for each: to take ten thousand rows from it value by
 * value, or to have it put them in order, takes longer than all else.
 */
const STRUCTURE = `
  SELECT to_json({${LISTS.join(', ')}}) FROM obs_spans s WHERE s.trace_id = $1 HAVING count(*) > 0`;

/** What is known of each span, column by column. */
interface Columns {
  spanId: string[];
  parentId: (string | null)[];
  name: string[];
  type: string[];
  status: (string | null)[];
  startMicro: number[];
  endMicro: (number | null)[];
}

/** The skeleton of a trace, column by column and without payloads; null for an unknown trace. */
export async function getStructure(
  { connection }: ReadContext,
  { traceId }: ParsedQuery<'getStructure'>,
): Promise<TraceStructure | null> {
  const [row] = await rowsOf(connection, STRUCTURE, [traceId]);
  if (!row) return null;
  const columns: Columns = JSON.parse(row[0] as string);
  const order = orderOf(columns);
  const { parentId, startMicro, endMicro } = columns;
  const spanId = order.map((at) => columns.spanId[at]!);
  const positions = new Map(spanId.map((id, index) => [id, index]));
  const first = startMicro[order[0]!]!;
  const names = new Shared();
  const types = new Shared();
  const statuses = new Shared();
  return {
    traceId,
    startUnixMicro: first,
    name: order.map((at) => names.positionOf(columns.name[at]!)),
    type: order.map((at) => types.positionOf(columns.type[at]!)),
    status: order.map((at) => positionIn(statuses, columns.status[at])),
    names: names.values,
    types: types.values,
    statuses: statuses.values,
    spanId,
    parent: order.map((at) => positions.get(parentId[at] ?? '') ?? null),
    start: order.map((at) => startMicro[at]! - first),
    duration: order.map((at) => durationOf(startMicro[at]!, endMicro[at] ?? null)),
  };
}

/** The rows in the order of the spans of a trace, as in `SPAN_ORDER`. */
function orderOf({ spanId, startMicro, endMicro }: Columns): number[] {
  const endOf = (at: number) => endMicro[at] ?? Number.MAX_SAFE_INTEGER;
  return spanId
    .map((_, at) => at)
    .sort(
      (a, b) => startMicro[a]! - startMicro[b]! || endOf(b) - endOf(a) || (spanId[a]! < spanId[b]! ? -1 : 1),
    );
}

function positionIn(texts: Shared, text: string | null | undefined): number | null {
  return text == null ? null : texts.positionOf(text);
}

function durationOf(startMicro: number, endMicro: number | null): number | null {
  return endMicro === null ? null : endMicro - startMicro;
}

/** Each of many texts once, in the order of their first appearance. */
class Shared {
  readonly values: string[] = [];
  readonly #positions = new Map<string, number>();

  positionOf(value: string): number {
    const known = this.#positions.get(value);
    if (known !== undefined) return known;
    this.#positions.set(value, this.values.length);
    return this.values.push(value) - 1;
  }
}
