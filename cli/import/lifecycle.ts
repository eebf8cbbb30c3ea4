import type { ExportedSpan, TracingEvent } from '../../core/index.ts';

/** A span of a file: all that is known of it. */
export type ImportedSpan = Omit<ExportedSpan, 'seq'>;

/**
 * The events that a span would have made at run time, with the same numbers: its start, then its end with all that is
 * known. A span that still runs has only started, a point in time has only ended.
 */
export function lifecycleOf(span: ImportedSpan): TracingEvent[] {
  if (span.isEvent) return [{ type: 'span.ended', exportedSpan: { ...span, seq: 1 } }];
  if (span.endUnixMicro === undefined) return [{ type: 'span.started', exportedSpan: { ...span, seq: 1 } }];
  const {
    endTime: _endTime,
    endUnixMicro: _endUnixMicro,
    output: _output,
    errorInfo: _errorInfo,
    ...begun
  } = span;
  return [
    { type: 'span.started', exportedSpan: { ...begun, seq: 1, status: 'running' } },
    { type: 'span.ended', exportedSpan: { ...span, seq: 2 } },
  ];
}
