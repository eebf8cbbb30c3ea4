import type { MastraSpan, MastraTracingEvent } from '../../../plugins/mastra/index.ts';

export const TRACE_ID = '000000000000000000000000000000bb';

/** A span as Mastra has it: started after 1 s, running. */
export function mastraSpan(fields: Partial<MastraSpan> = {}): MastraSpan {
  return {
    id: '00000000000000aa',
    traceId: TRACE_ID,
    name: 'work',
    type: 'generic',
    isRootSpan: fields.parentSpanId === undefined,
    isEvent: false,
    startTime: new Date(1_000),
    ...fields,
  };
}

export function started(span: MastraSpan): MastraTracingEvent {
  return { type: 'span_started', exportedSpan: span };
}

export function updated(span: MastraSpan): MastraTracingEvent {
  return { type: 'span_updated', exportedSpan: span };
}

/** The end of a span, after 2 s. */
export function ended(span: MastraSpan): MastraTracingEvent {
  return { type: 'span_ended', exportedSpan: { endTime: new Date(2_000), ...span } };
}
