import type { makeSpans } from './spans.ts';

/** A host with its store: makes the start and the end of a span. */
export interface SustainedHost {
  make(span: ReturnType<typeof makeSpans>[number]): void;
  flush(): Promise<unknown>;
  /** Spans in the store. */
  stored(): Promise<number>;
  close(): Promise<unknown>;
}
