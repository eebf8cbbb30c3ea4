import type { Committed } from '../write/committed.ts';

/** What was committed lately, in order, for those who follow it. */
export class ChangeLog {
  note(_committed: Committed): void {}
}
