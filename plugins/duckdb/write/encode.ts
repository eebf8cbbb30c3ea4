import { type MetricEvent, messageOf, type PartialResult, type SpanChange } from '../../../core/index.ts';
import type { WriteKind } from '../access.ts';
import { breathe } from '../file/append.ts';
import { FEEDBACK, LOGS, METRICS, SCORES, SPANS, type Table } from '../file/columns.ts';
import { missingField, type Row, toRow } from '../file/rows.ts';
import { seriesOf } from './series.ts';

/** Rows of one transaction. */
export interface Batch {
  /** Whole spans and changes, in the order in which they came. */
  spans: Row[];
  metrics: Row[];
  /** The series of the metrics, by id. */
  series: Map<number, Row>;
  logs: Row[];
  scores: Row[];
  feedback: Row[];
}

function emptyBatch(): Batch {
  return { spans: [], metrics: [], series: new Map(), logs: [], scores: [], feedback: [] };
}

/** The rows of several batches, in their order. */
export function joined(batches: readonly Batch[]): Batch {
  if (batches.length === 1) return batches[0]!;
  const batch = emptyBatch();
  for (const { series, ...rows } of batches) {
    for (const [seriesId, row] of series) batch.series.set(seriesId, row);
    for (const kind of Object.keys(rows) as (keyof typeof rows)[])
      batch[kind] = batch[kind].concat(rows[kind]);
  }
  return batch;
}

/** Records as rows, and those that cannot be stored. */
export interface Encoded {
  batch: Batch;
  rejected: PartialResult['rejected'];
}

/**
 * Turns records into rows one by one, so that a bad one costs itself only. Never rejects. With `isSole` it takes each out
 * of the array: until the commit they would be copied by the garbage collector several times.
 */
export async function encode(what: WriteKind, records: readonly object[], isSole = false): Promise<Encoded> {
  const batch = emptyBatch();
  const rejected: { index: number; reason: string }[] = [];
  const add = ADD[what] as (batch: Batch, record: object) => void;
  for (let index = 0; index < records.length; index++) {
    await breathe(index);
    try {
      add(batch, records[index]!);
    } catch (error) {
      rejected.push({ index, reason: `${nameOf(records[index])}: ${messageOf(error)}` });
    }
    if (isSole) (records as unknown[])[index] = undefined;
  }
  return { batch, rejected };
}

const ADD = {
  spans: (batch: Batch, span: object) => batch.spans.push(wholeRow(SPANS, span)),
  changes: (batch: Batch, change: SpanChange) => batch.spans.push(changeRow(change)),
  metrics: addMetric,
  logs: (batch: Batch, event: object) => batch.logs.push(wholeRow(LOGS, event)),
  scores: (batch: Batch, event: object) => batch.scores.push(wholeRow(SCORES, event)),
  feedback: (batch: Batch, event: object) => batch.feedback.push(wholeRow(FEEDBACK, event)),
} satisfies Record<WriteKind, (batch: Batch, record: never) => void>;

function addMetric(batch: Batch, event: MetricEvent): void {
  const { seriesId, row } = seriesOf(event);
  batch.metrics.push(wholeRow(METRICS, { ...event, seriesId }));
  batch.series.set(seriesId, row);
}

/** A whole record as a row. @throws Error that names the field which is missing or cannot be stored. */
function wholeRow(table: Table, record: object): Row {
  return complete(table, toRow(table, record));
}

/** A change to a span as a row: what it lacks is unchanged. @throws Error that names the field which cannot be stored. */
function changeRow({ traceId, spanId, updates }: SpanChange): Row {
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
