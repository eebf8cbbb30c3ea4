import { messageOf, type PartialResult, type SpanChange } from '../../core/index.ts';
import { breathe } from './append.ts';
import { SPANS, type Table } from './columns.ts';
import { missingField, type Row, toRow } from './rows.ts';

/** Records as rows, and what could not become one. */
export interface Encoded extends PartialResult {
  rows: Row[];
  rejected: { index: number; reason: string }[];
}

/**
 * Encodes records one by one, so that a bad one costs itself only. `indexFrom` is the index of the first in its
 * batch; `asRow` throws for a bad one.
 */
export async function encode<R>(
  records: readonly R[],
  indexFrom: number,
  asRow: (record: R) => Row,
): Promise<Encoded> {
  const encoded: Encoded = { rows: [], rejected: [] };
  for (let i = 0; i < records.length; i++) {
    await breathe(i);
    try {
      encoded.rows.push(asRow(records[i]!));
    } catch (error) {
      encoded.rejected.push({ index: indexFrom + i, reason: `${nameOf(records[i])}: ${messageOf(error)}` });
    }
  }
  return encoded;
}

/** A whole record as a row. @throws Error that names the field which is missing or cannot be stored. */
export function wholeRow(table: Table, record: object): Row {
  return complete(table, toRow(table, record));
}

/** A change to a span as a row: what it lacks is unchanged. @throws Error that names the field which cannot be stored. */
export function changeRow({ traceId, spanId, updates }: SpanChange): Row {
  return complete(SPANS, toRow(SPANS, { ...updates, traceId, id: spanId }), true);
}

function complete(table: Table, row: Row, isPart = false): Row {
  const missing = missingField(table, row, isPart);
  if (missing) throw new Error(`${missing} is missing`);
  return row;
}

/** What a rejection calls a record, whatever that is. */
function nameOf(record: unknown): string {
  try {
    const { id, spanId, traceId } = record as Record<string, unknown>;
    return `record ${String(id ?? spanId)} of trace ${String(traceId)}`.slice(0, 120);
  } catch {
    return 'unreadable record';
  }
}
