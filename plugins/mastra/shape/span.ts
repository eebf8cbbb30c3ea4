/** One fact about a span in Mastra's words. There is no event for an error: it shows as `errorInfo` of the span. */
export interface MastraTracingEvent {
  /** `span_started`, `span_updated` or `span_ended`; of an event span `span_ended` only. */
  type: string;
  exportedSpan: MastraSpan;
}

/** A span as Mastra's exporters see it: times in whole milliseconds, user and session inside `metadata`. */
export interface MastraSpan {
  id: string;
  traceId: string;
  /** Never a span that Mastra did not make: that one is `externalParentSpanId`. */
  parentSpanId?: string | undefined;
  externalParentSpanId?: string | undefined;
  name: string;
  type: string;
  isRootSpan: boolean;
  isEvent: boolean;
  isInternal?: boolean | undefined;
  entityType?: string | undefined;
  entityId?: string | undefined;
  entityName?: string | undefined;
  startTime: Date;
  endTime?: Date | undefined;
  input?: unknown;
  output?: unknown;
  attributes?: object | undefined;
  metadata?: Record<string, unknown> | undefined;
  /** Of a root span only. */
  tags?: string[] | undefined;
  errorInfo?: MastraError | undefined;
  requestContext?: Record<string, unknown> | undefined;
}

/** What went wrong in a span. */
export interface MastraError {
  message: string;
  id?: string | undefined;
  name?: string | undefined;
  stack?: string | undefined;
  domain?: string | undefined;
  category?: string | undefined;
  details?: Record<string, unknown> | undefined;
}
