import type { Committed } from '../write/committed.ts';

/** The traces that have no span without a parent, or several. */
export class OddTraces {
  note(_committed: Committed): void {}
}
