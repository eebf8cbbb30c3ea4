import type { MastraSpan } from '../shape/span.ts';

/** A span of Mastra and what else is known of it. */
export interface Draft {
  source: MastraSpan;
  /** Of a step: the inference that shows on it. */
  inference?: MastraSpan;
  /** Of a step: a generation above reports its usage within a sum. */
  isCounted?: boolean;
}
