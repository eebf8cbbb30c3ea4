import type { ParsedQuery, TraceStructure } from '../../../core/index.ts';
import type { ReadContext } from './index.ts';
import { SPAN_ORDER } from './spans.ts';

const STRUCTURE = `
  SELECT s.span_id, s.parent_span_id, s.name, s.type, s.status,
    CAST(epoch_us(s.started_at) AS DOUBLE), CAST(epoch_us(s.ended_at) AS DOUBLE)
  FROM obs_spans s WHERE s.trace_id = $1 ORDER BY ${SPAN_ORDER}`;

type Texts = readonly string[];

/** The skeleton of a trace, column by column and without payloads; null for an unknown trace. */
export async function getStructure(
  { connection }: ReadContext,
  { traceId }: ParsedQuery<'getStructure'>,
): Promise<TraceStructure | null> {
  const result = await connection.runAndReadAll(STRUCTURE, [traceId]);
  if (result.currentRowCount === 0) return null;
  const [spanId, parentId, name, type, status, start, end] = result.getColumns() as unknown as [
    string[],
    (string | null)[],
    Texts,
    Texts,
    (string | null)[],
    number[],
    (number | null)[],
  ];
  const positions = new Map(spanId.map((id, index) => [id, index]));
  const [first] = start as [number];
  const names = new Shared();
  const types = new Shared();
  const statuses = new Shared();
  return {
    traceId,
    startUnixMicro: first,
    name: name.map((value) => names.positionOf(value)),
    type: type.map((value) => types.positionOf(value)),
    status: status.map((value) => (value === null ? null : statuses.positionOf(value))),
    names: names.values,
    types: types.values,
    statuses: statuses.values,
    spanId,
    parent: parentId.map((id) => (id === null ? null : (positions.get(id) ?? null))),
    start: start.map((micro) => micro - first),
    duration: end.map((micro, index) => (micro === null ? null : micro - start[index]!)),
  };
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
