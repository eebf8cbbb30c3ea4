import type { ExportedSpan } from '../../core/index.ts';
import { metadataOf } from './metadata.ts';
import { metricsOf, type RowMetrics } from './metrics.ts';
import { type RowType, rowTypeOf } from './span-type.ts';

/** A row of a project's logs: one span, complete. The README has the table. */
export interface Row {
  /** The span's id: a row that is sent again replaces itself, and scores find it. */
  id: string;
  span_id: string;
  /** The trace's id. */
  root_span_id: string;
  /** The parent's span id, or nothing. */
  span_parents: string[];
  /** RFC 3339, the start of the span. */
  created: string;
  span_attributes: { name: string; type: RowType };
  metrics: RowMetrics;
  input?: unknown;
  output?: unknown;
  /** What went wrong, in words. */
  error?: string;
  /** Of a root only. */
  tags?: string[];
  metadata?: Record<string, unknown>;
  /** Scores that arrived before their row: 0 to 1, by name. */
  scores?: Record<string, number>;
  /** A correction that arrived before its row. */
  expected?: unknown;
}

/** The row of a span that has ended. @throws RangeError for a span without a valid start. */
export function toRow(span: ExportedSpan): Row {
  const { id, traceId, parentSpanId, name, type, input, output, tags } = span;
  const row: Row = {
    id,
    span_id: id,
    root_span_id: traceId,
    span_parents: parentSpanId === undefined ? [] : [parentSpanId],
    created: new Date(Math.floor(span.startUnixMicro / 1000)).toISOString(),
    span_attributes: { name, type: rowTypeOf(type) },
    metrics: metricsOf(span),
  };
  if (input !== undefined) row.input = messagesOf(row, input);
  if (output !== undefined) row.output = output;
  const error = errorOf(span);
  if (error !== undefined) row.error = error;
  if (tags && tags.length > 0 && parentSpanId === undefined) row.tags = [...new Set(tags)];
  const metadata = metadataOf(span);
  if (metadata) row.metadata = metadata;
  return row;
}

/** Braintrust's view of a model call wants the list of messages itself. */
function messagesOf({ span_attributes }: Row, input: unknown): unknown {
  if (span_attributes.type !== 'llm' || typeof input !== 'object' || input === null) return input;
  const { messages } = input as { messages?: unknown };
  return Array.isArray(messages) && Object.keys(input).length === 1 ? messages : input;
}

function errorOf({ errorInfo, status }: ExportedSpan): string | undefined {
  if (errorInfo) return errorInfo.message || errorInfo.name || 'failed without a message';
  return status === 'error' ? 'failed without a message' : undefined;
}
